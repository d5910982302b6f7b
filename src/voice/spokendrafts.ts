/**
 * Answers that are made, and begin to leave, before it is certain that they are wanted.
 *
 * Somebody who pauses may have said all, and that is known at `due`. The speech is placed so that the gates would let it out right
 * behind that: lead and latency have passed by then. Kept, it goes on; dropped, or not kept in time, it is taken back to where nobody has
 * heard it, as a cut does it, and a later `draft-kept` begins it at once.
 */
import type { Ns } from '../element/index.js';
import { ms } from '../element/time.js';
import type { Narrator, Saying } from './narrator.js';
import type { TextInput } from './textinput.js';
import type { Timeline } from './timeline.js';
import type { Unheard } from './unheard.js';
import type { Placed } from './utterance.js';

/** Before the moment at which a gate lets go of what is due it must have heard of a cut: an encoder's frame, a piece, some for a busy thread. */
const GUARD: Ns = ms(30);
/**
 * What is known at `due` is told here so much later, at least; and as late as the last ones were, within bounds: but the latest of
 * them, since one that a busy moment held up would make four answers late, and a machine that is always late has more than one.
 */
const TOLD: Ns = ms(20);
const LATEST_TOLD: Ns = ms(200);
const LAST = 4;
/** Drafts that wait to be kept at a time. */
const MOST = 16;

export interface SpokenDraftsOptions {
  readonly timeline: Timeline;
  readonly narrator: Narrator;
  readonly unheard: Unheard;
  readonly input: TextInput;
  readonly live: boolean;
  /** How far ahead of its time speech leaves. */
  readonly lead: Ns;
  /** The running time. */
  readonly now: () => Ns | undefined;
  /** Latency of the whole pipeline: what is stamped t is heard at t + latency. */
  readonly latency: () => Ns;
  /** Makes everything anew that nobody has heard, and tells where that begins. */
  readonly takeBack: () => Ns;
  /** Told of one that was dropped when so many of its samples had been heard: it goes on at `pts` without it. */
  readonly interrupted: (heard: { readonly id: string; readonly samples: number }, pts: Ns) => void;
  /** Told of one that had left to its end when it was kept. */
  readonly placed: (placed: Placed | undefined) => void;
  /** What comes next may be something else now. */
  readonly changed: () => void;
}

export class SpokenDrafts {
  readonly #options: SpokenDraftsOptions;
  readonly #open = new Map<string, Saying>();
  /** How late the last ones were kept. */
  readonly #late: Ns[] = [];

  constructor(options: SpokenDraftsOptions) {
    this.#options = options;
  }

  /** Where a draft that is known at `due` may begin, running time; Infinity: not before it is kept. */
  startOf(due: Ns): Ns {
    const { timeline, live, lead, latency } = this.#options;
    const frame = timeline.ptsOf(1);
    // What begins at 0 is looked at for the last time then: with each frame, and those leave `lead` before they are due.
    const last = Math.floor((latency() - GUARD + lead) / frame) * frame - lead;
    // On a machine that is always late one is taken back and begun again each time otherwise, which costs its latency.
    const [, late = 0] = this.#late.toSorted((a, b) => b - a);
    const told = Math.min(LATEST_TOLD, Math.max(TOLD, late));
    const start = due + told - last;
    // Taking it back must not take anything else back.
    const quiet = timeline.ptsOf(timeline.spoken) + lead + latency() + 2 * frame;
    const possible = live && due > 0 && timeline.pending === 0 && start >= quiet;
    return possible ? start : Number.POSITIVE_INFINITY;
  }

  add(saying: Saying): void {
    this.#options.unheard.draft(saying.id, saying.text);
    this.#open.set(saying.id, saying);
    for (const id of this.#open.keys()) if (this.#open.size > MOST) this.#open.delete(id);
  }

  /** What became of one: it counts from now on, or nothing of it will be heard. One that nobody knows (any more) stays unknown. */
  settle({ id, kept }: { readonly id: string; readonly kept: boolean }): void {
    const saying = this.#open.get(id);
    if (saying === undefined) return;
    const { timeline, narrator, unheard, input, placed, takeBack, interrupted, changed } = this.#options;
    this.#open.delete(id);
    if (kept) {
      this.#keptAt(saying);
      unheard.keep(id, saying.text, saying.voice);
      if (timeline.keep(id)) placed(timeline.lastEnded);
    } else {
      const heard = this.#heard();
      input.drop(id);
      // The silence before it may be ahead as well.
      const pts = Number.isFinite(saying.draft) ? takeBack() : 0;
      narrator.drop(id);
      timeline.drop(id);
      if (heard?.id === id) interrupted(heard, pts);
    }
    changed();
  }

  #keptAt({ due = 0 }: Saying): void {
    const now = this.#options.now();
    if (now === undefined || due === 0) return;
    this.#late.push(Math.max(0, now - due));
    if (this.#late.length > LAST) this.#late.shift();
  }

  /** What is being heard now, and how much of it was. */
  #heard(now = this.#options.now()): ReturnType<Timeline['heard']> {
    return now === undefined
      ? undefined
      : this.#options.timeline.heard((now - this.#options.latency()) as Ns);
  }

  /** To be asked with each frame: takes back what is not kept in time, to wait until it is. */
  check(now: Ns): void {
    const { timeline, latency, takeBack } = this.#options;
    const draft = timeline.draft;
    if (draft === undefined || now + timeline.ptsOf(1) <= timeline.ptsOf(draft.frame) + latency() - GUARD)
      return;
    // A busy machine looks too late, and it is heard already: it goes on, rather than begin twice; a drop still ends it.
    if (this.#heard(now)?.id === draft.id) return;
    takeBack();
    timeline.wait(draft.id);
  }

  /** A cut: nobody waits for any of them. */
  clear(): void {
    this.#open.clear();
  }
}
