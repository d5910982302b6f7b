/**
 * Where speech stands on the media clock: the arithmetic of `ttssrc`, without a clock and without GStreamer.
 *
 * Media is made one video frame at a time. Frame n covers samples [S(n), S(n+1)) with S(n) = round(n · rate / fps),
 * so picture and voice come from one counter and can never drift. `slot()` proposes the content of the next frame,
 * `commit()` says that it has really left; between the two a proposal may be thrown away and asked for again (new
 * text arrived, or a cut), which is why proposing changes nothing.
 *
 * Rules (each paid for with a measurement):
 * - An utterance starts on a frame boundary and only when `lookAhead` plus one frame of samples, or all of it, is in
 *   hand: the mouth model sees that far ahead.
 * - Speech may leave up to `lead` before it is heard, so look-ahead costs no waiting; silence is never sent ahead,
 *   so that a new utterance can begin at once.
 * - When the voice engine does not keep up, the utterance pauses: silence, then the starting rule again.
 * - The start never lies before the clock: what is heard is always still to come. Only where silence that left at once
 *   has not caught up with the clock within `PATIENCE` (a queue behind us is full: it holds less than the latency) it
 *   does, for it never would.
 */
import { type Fraction, framesToNs, type Ns } from '../element/time.js';
import { type Kind, type Mark, type MarkAt, type Placed, type Run, Utterance } from './utterance.js';
import type { Written } from './written.js';

/** What frame `frame` will hold. `samples` undefined is silence. `at`: the running time before which it must not leave. */
export interface Slot {
  readonly frame: number;
  readonly at: Ns | undefined;
  readonly samples: Int16Array | undefined;
  readonly marks: readonly Mark[];
}

/** How an utterance may be placed: by the clock, as fast as possible, or where a schedule says. */
export type Pacing = 'live' | 'offline' | 'schedule';

export interface TimelineOptions {
  /** Samples per second of the session. */
  readonly rate: number;
  /** Video frames per second. */
  readonly fps: Fraction;
  /** How far ahead of its time speech may leave. */
  readonly lead: Ns;
  /** How far ahead the mouth model looks. */
  readonly lookAhead: Ns;
  readonly pacing: Pacing;
}

/** How long an utterance that is ready waits for the silence before it to catch up with the clock; after a cut it does at once. */
const PATIENCE: Ns = 1e9;

/** Ended utterances remembered; each lasts at least a frame and only the last second or so is ever asked about. */
const REMEMBERED = 32;

export class Timeline {
  readonly #options: TimelineOptions;
  readonly #queue: Utterance[] = [];
  /** `cut`: whoever listens knows already that it ended. */
  readonly #ended: { readonly placed: Placed; cut: boolean }[] = [];
  #frame = 0;
  /** The first frame behind all that was said. */
  #spoken = 0;
  /** Running time since which an utterance that is ready waits for the clock. */
  #behind: Ns | undefined;
  /** In a schedule: up to here there is silence at least. */
  #until = 0;
  #proposed: { slot: Slot; apply: () => void } | undefined;

  constructor(options: TimelineOptions) {
    this.#options = options;
  }

  /** Samples per second. */
  get rate(): number {
    return this.#options.rate;
  }

  /** The next frame to leave. */
  get frame(): number {
    return this.#frame;
  }

  /** The first frame behind all that was said so far. */
  get spoken(): number {
    return this.#spoken;
  }

  /** The draft that has begun to leave, and its first frame. */
  get draft(): { readonly id: string; readonly frame: number } | undefined {
    const first = this.#queue[0];
    const frame = first?.placed[0]?.frame;
    return first?.draft === undefined || frame === undefined ? undefined : { id: first.id, frame };
  }

  /** Utterances that are speaking or waiting. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Samples in hand over all utterances: what a feeder holds back on. */
  get inHand(): number {
    return this.#queue.reduce((sum, utterance) => sum + utterance.inHand, 0);
  }

  get speaking(): boolean {
    return this.#queue[0] !== undefined && this.#queue[0].state !== 'queued';
  }

  /** First sample of frame `n`. */
  sampleOf(n: number): number {
    const { rate, fps } = this.#options;
    return Math.round((n * rate * fps.den) / fps.num);
  }

  ptsOf(n: number): Ns {
    return framesToNs(n, this.#options.fps);
  }

  /** The frame that is playing at `time`; 0 before the start. */
  frameAt(time: Ns): number {
    const next = this.frameAtOrAfter(Math.max(0, time));
    return next > 0 && this.ptsOf(next) > time ? next - 1 : next;
  }

  /** The first frame that begins at or after `time`. */
  frameAtOrAfter(time: Ns): number {
    const { fps } = this.#options;
    let n = Math.max(0, Math.floor((time * fps.num) / (fps.den * 1e9)));
    while (this.ptsOf(n) < time) n++;
    return n;
  }

  /** Where a schedule is followed: nothing ends before frame `frame`. */
  lastUntil(frame: number): void {
    this.#until = Math.max(this.#until, frame);
  }

  /** Appends an utterance; `runs` places it where a schedule says, `draft` is the running time before which one that may be taken back must not begin. */
  say(id: string, text: string | Written, runs?: readonly Run[], kind: Kind = 'speech', draft?: Ns): void {
    const utterance = new Utterance(id, text, kind, runs);
    utterance.draft = draft;
    this.#queue.push(utterance);
  }

  /** A draft is none any more. True when it has ended already. */
  keep(id: string): boolean {
    const kept = this.#queue.find((other) => other.id === id);
    kept?.keep();
    if (kept?.state !== 'over') return false;
    this.#queue.shift();
    this.#remember(kept);
    return true;
  }

  /** A draft that was taken back begins when it is kept. */
  wait(id: string): void {
    const utterance = this.#queue.find((other) => other.id === id);
    if (utterance?.draft !== undefined) utterance.draft = Number.POSITIVE_INFINITY;
  }

  /** Forgets a draft of which nothing has left. */
  drop(id: string): void {
    const at = this.#queue.findIndex((other) => other.id === id);
    if (at >= 0) this.#queue.splice(at, 1);
    this.#proposed = undefined;
  }

  /** Takes back the draft that is being said, and goes back to `frame`, the first that nobody has heard. Returns what it was given. */
  rewind<T extends { readonly frame: number }>(unheard: T): T {
    if (this.draft !== undefined) this.#queue[0]?.rewind();
    this.#back(unheard.frame);
    return unheard;
  }

  #back(frame: number): void {
    this.#proposed = undefined;
    this.#frame = Math.min(this.#frame, frame);
    this.#spoken = Math.min(this.#spoken, this.#frame);
    this.#behind = undefined;
  }

  /** More samples of utterance `id`, in order. Of an utterance that was cut they are ignored. */
  feed(id: string, samples: Int16Array, marks: readonly MarkAt[] = []): void {
    this.#queue.find((other) => other.id === id && !other.finished)?.feed(samples, marks);
  }

  /** Utterance `id` has no more samples. */
  finish(id: string): void {
    const utterance = this.#queue.find((other) => other.id === id);
    if (utterance) utterance.finished = true;
  }

  /**
   * The content of the next frame. `now` is the running time, undefined where there is no clock to keep to.
   * `'starved'`: nothing can be said before more samples come (offline only). `'empty'`: nothing is left to say
   * (offline only). Live there is always a slot: silence if nothing else.
   */
  slot(now: Ns | undefined): Slot | 'starved' | 'empty' {
    this.#proposed = undefined;
    const utterance = this.#queue[0];
    if (!utterance) {
      const goesOn = this.#options.pacing === 'live' || this.#frame < this.#until;
      return goesOn ? this.#silence([]) : 'empty';
    }
    if (utterance.state === 'over') return this.#silence([]);
    if (utterance.state === 'speaking') return this.#goOn(utterance, now);
    const may = this.#mayStart(utterance, now);
    if (may === 'now') return this.#speak(utterance);
    if (may === 'starved') return 'starved';
    // Silence that leads up to it is as early as it is.
    if (may === 'ahead') return this.#silence([], (this.ptsOf(this.#frame) - this.#options.lead) as Ns);
    return this.#silence([], undefined, () => {
      if (may === 'behind') this.#behind ??= now;
    });
  }

  /** The proposed slot has left. */
  commit(): void {
    this.#proposed?.apply();
    this.#proposed = undefined;
  }

  /**
   * Drops everything that is said or waiting and goes back to frame `frame`, the first that nobody has heard.
   * Returns what was dropped and where its beginning had been placed.
   */
  cut(frame: number): Placed[] {
    const dropped = this.#queue.splice(0);
    this.#back(frame);
    for (const utterance of dropped) this.#remember(utterance);
    for (const ended of this.#ended) ended.cut = true;
    return dropped.map((utterance) => utterance.toPlaced());
  }

  /**
   * What was heard last at media time `time`: the utterance, and how many of its samples lay before; undefined before the first. `over`:
   * that is all of it, or a cut has ended it.
   */
  heard(time: Ns): { id: string; samples: number; over: boolean } | undefined {
    const sample = Math.round((time * this.#options.rate) / 1e9);
    for (const { id, placed, finished, inHand } of [...this.#queue].reverse()) {
      const at = this.#within(placed, sample);
      if (at) return { id, samples: at.samples, over: at.all && finished && inHand === 0 };
    }
    for (const { placed, cut } of [...this.#ended].reverse()) {
      const at = this.#within(placed.runs, sample);
      if (at) return { id: placed.id, samples: at.samples, over: at.all || cut };
    }
    return undefined;
  }

  /** The utterance that ended last, as a schedule keeps it. */
  get lastEnded(): Placed | undefined {
    return this.#ended.at(-1)?.placed;
  }

  /** How many samples of these runs lay before `sample`, and whether all did; undefined before the first. */
  #within(runs: readonly Run[], sample: number): { samples: number; all: boolean } | undefined {
    for (const run of [...runs].reverse()) {
      const before = sample - this.sampleOf(run.frame);
      if (before < 0) continue;
      const samples = run.offset + Math.min(before, run.samples);
      return { samples, all: run === runs.at(-1) && before >= run.samples };
    }
    return undefined;
  }

  #ready(utterance: Utterance): boolean {
    const { rate, lookAhead } = this.#options;
    const oneFrame = this.sampleOf(this.#frame + 1) - this.sampleOf(this.#frame);
    const wanted = Math.ceil((lookAhead * rate) / 1e9) + oneFrame;
    return utterance.finished || utterance.inHand >= wanted;
  }

  #mayStart(utterance: Utterance, now: Ns | undefined): 'now' | 'later' | 'behind' | 'starved' | 'ahead' {
    const { draft } = utterance;
    if (draft === Number.POSITIVE_INFINITY) return this.#options.pacing === 'live' ? 'later' : 'starved';
    if (this.#options.pacing === 'schedule') {
      const run = utterance.runs?.find(({ offset }) => offset === utterance.sent);
      // Without a run it was cut while it paused.
      if (this.#frame < (run?.frame ?? this.#until)) return 'later';
      return this.#ready(utterance) ? 'now' : 'starved';
    }
    if (!this.#ready(utterance)) return this.#options.pacing === 'live' ? 'later' : 'starved';
    if (draft !== undefined && this.ptsOf(this.#frame) < draft) return 'ahead';
    if (now === undefined || this.ptsOf(this.#frame) >= now) return 'now';
    return now - (this.#behind ?? now) < PATIENCE ? 'behind' : 'now';
  }

  #goOn(utterance: Utterance, now: Ns | undefined): Slot | 'starved' {
    const oneFrame = this.sampleOf(this.#frame + 1) - this.sampleOf(this.#frame);
    if (this.#options.pacing === 'schedule') {
      const { sent, runs } = utterance;
      const resumes = sent > 0 && runs?.some(({ offset }) => offset === sent);
      const over =
        this.#frame < this.#until && runs?.every(({ offset, samples }) => offset + samples <= sent);
      if (resumes || over) return this.#pause(utterance, undefined);
    }
    if (utterance.inHand >= oneFrame || utterance.finished) return this.#speak(utterance);
    if (this.#options.pacing !== 'live') return 'starved';
    // The mouth needs look-ahead before this frame is due; until then more samples may still come in time.
    const patience = (this.ptsOf(this.#frame) - this.#options.lookAhead) as Ns;
    return this.#pause(utterance, now !== undefined && patience > now ? patience : undefined);
  }

  #silence(marks: readonly Mark[], at: Ns = this.ptsOf(this.#frame), apply: () => void = () => {}): Slot {
    const slot: Slot = { frame: this.#frame, at: this.#at(at), samples: undefined, marks };
    return this.#propose(slot, apply);
  }

  #pause(utterance: Utterance, patience: Ns | undefined): Slot {
    const mark: Mark = {
      name: 'utterance-pause',
      fields: { id: utterance.id, pts: this.ptsOf(this.#frame) },
    };
    const at = patience ?? this.ptsOf(this.#frame);
    // A clip that has no sound for a moment goes on.
    return this.#silence(utterance.kind === 'clip' ? [] : [mark], at, () => {
      utterance.state = 'paused';
    });
  }

  #speak(utterance: Utterance): Slot {
    const from = this.sampleOf(this.#frame);
    const room = this.sampleOf(this.#frame + 1) - from;
    const take = Math.min(room, utterance.inHand);
    const last = utterance.finished && take === utterance.inHand;
    const samples = utterance.peek(take, room);

    const pts = this.ptsOf(this.#frame);
    const marks = this.#startMarks(utterance, pts);
    const due = utterance.marksBefore(last ? Number.POSITIVE_INFINITY : utterance.sent + take);
    for (const { name, fields, sample } of due) {
      const offset = sample - utterance.sent;
      const at = Math.round(((from + offset) * 1e9) / this.#options.rate);
      marks.push({ name, fields: { ...fields, id: utterance.id, pts: at } });
    }
    if (last) {
      const end = Math.round(((from + take) * 1e9) / this.#options.rate);
      marks.push(...endMarks(utterance, end, utterance.sent + take));
    }

    const slot: Slot = { frame: this.#frame, at: this.#at((pts - this.#options.lead) as Ns), samples, marks };
    return this.#propose(slot, () => {
      this.#behind = undefined;
      utterance.leave(this.#frame, take, due.length);
      this.#spoken = this.#frame + 1;
      if (!last) return;
      if (utterance.draft !== undefined) {
        utterance.state = 'over';
        return;
      }
      this.#queue.shift();
      this.#remember(utterance);
    });
  }

  #startMarks({ id, text, kind, state, sent, inHand, finished }: Utterance, pts: Ns): Mark[] {
    if (state === 'speaking') return [];
    if (kind === 'speech') {
      const name = sent === 0 ? 'utterance-start' : 'utterance-resume';
      return [{ name, fields: { id, text, pts, frame: this.#frame } }];
    }
    // One that could not be played is none.
    const plays = sent === 0 && (inHand > 0 || !finished);
    return plays ? [{ name: 'clip', fields: { id, name: text, pts, counter: 0 } }] : [];
  }

  #remember(utterance: Utterance): void {
    this.#ended.push({ placed: utterance.toPlaced(), cut: false });
    if (this.#ended.length > REMEMBERED) this.#ended.shift();
  }

  #at(time: Ns): Ns | undefined {
    return this.#options.pacing === 'live' ? (Math.max(0, time) as Ns) : undefined;
  }

  #propose(slot: Slot, apply: () => void): Slot {
    this.#proposed = {
      slot,
      apply: () => {
        apply();
        this.#frame++;
      },
    };
    return slot;
  }
}

function endMarks({ id, kind }: Utterance, pts: Ns, samples: number): Mark[] {
  if (kind === 'speech') return [{ name: 'utterance-end', fields: { id, pts, samples } }];
  return samples > 0 ? [{ name: 'clip', fields: { id, name: '', pts } }] : [];
}
