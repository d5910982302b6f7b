/**
 * A schedule as it is said again: passage after passage, each up to a cut.
 *
 * Live, a cut takes effect when it arrives, at each gate by its own clock. Here nothing arrives by a clock, so the cut
 * goes ahead of the data it ends and says by the time of the media where that is.
 */
import type { EventItem, Ns } from '../element/index.js';
import type { Saying } from './narrator.js';
import { type ScheduleEntry, toRuns } from './schedule.js';
import type { Timeline } from './timeline.js';
import { Written } from './written.js';

/** A cut with what the gates made of it, as far as they told. */
export interface ReplayCut {
  /** The voice was before this frame and went back to that. */
  readonly from: number;
  readonly frame: number;
  sound?: { readonly end: Ns; readonly faded: Ns } | undefined;
  picture?: { readonly frame: number; readonly kept: boolean } | undefined;
}

/** What is said until a cut; the last has none. */
export interface Passage {
  readonly says: readonly Saying[];
  readonly cut?: ReplayCut;
}

/** Fade of a gate that told nothing. */
const FADE = 10e6;

export function toPassages(entries: readonly ScheduleEntry[]): Passage[] {
  const cuts = new Map<number, ReplayCut>();
  const passages: { says: Saying[]; cut?: ReplayCut }[] = [{ says: [] }];
  for (const entry of entries) {
    const last = passages.at(-1);
    // What waited when it was cut was never heard.
    const saying = toSaying(entry);
    if (saying !== undefined && saying.runs.length > 0) last?.says.push(saying);
    if (!('cut' in entry) || last === undefined) continue;
    const { number, ...cut } = entry.cut;
    last.cut = cut;
    cuts.set(number, cut);
    passages.push({ says: [] });
  }
  for (const entry of entries) {
    if ('sound' in entry) set(cuts.get(entry.sound.cut), 'sound', entry.sound);
    if ('picture' in entry) set(cuts.get(entry.picture.cut), 'picture', entry.picture);
  }
  inherit([...cuts.values()]);
  return passages;
}

function toSaying(entry: ScheduleEntry): (Saying & Required<Pick<Saying, 'runs'>>) | undefined {
  if ('say' in entry) {
    const { parts, text, ...say } = entry.say;
    return { ...say, text: parts ? Written.of(text, parts) : text, runs: toRuns(say.runs) };
  }
  if (!('clip' in entry)) return undefined;
  const { id, name, runs } = entry.clip;
  return { id, text: name, voice: '', kind: 'clip', runs: toRuns(runs) };
}

/** The first gate that told counts: a session may have several, a replay has one. */
function set<K extends 'sound' | 'picture'>(cut: ReplayCut | undefined, key: K, told: ReplayCut[K]): void {
  if (cut !== undefined) cut[key] ??= told;
}

/** Of cuts that come too fast for a gate it tells the last only: that was where the first took effect. */
function inherit(cuts: readonly ReplayCut[]): void {
  for (let i = cuts.length - 2; i >= 0; i--) {
    const [cut, next] = [cuts[i]!, cuts[i + 1]!];
    if (cut.sound === undefined && next.sound !== undefined) {
      cut.sound = next.sound;
      next.sound = { end: next.sound.faded, faded: next.sound.faded };
    }
    if (cut.picture === undefined && next.picture !== undefined) {
      const { frame, kept } = next.picture;
      cut.picture = next.picture;
      next.picture = { frame: kept ? frame + 1 : frame, kept: false };
    }
  }
}

/** Goes through a schedule beside the timeline that says it. */
export class Replay {
  readonly #passages: Passage[];
  #announced = false;

  constructor(entries: readonly ScheduleEntry[]) {
    this.#passages = toPassages(entries);
  }

  /** What is said until the next cut. */
  get says(): readonly Saying[] {
    return this.#passages[0]?.says ?? [];
  }

  /** The frame up to which there is something to hear or see, if only silence. */
  get until(): number {
    return this.#passages[0]?.cut?.from ?? 0;
  }

  /** The cut that takes place before `frame` leaves. */
  due(frame: number): ReplayCut | undefined {
    const cut = this.#passages[0]?.cut;
    if (cut === undefined || frame < cut.from) return undefined;
    this.#passages.shift();
    this.#announced = false;
    return cut;
  }

  /** What goes out before `frame`: the next cut, when it ends something from there on. */
  announce(frame: number, timeline: Timeline): EventItem[] {
    const cut = this.#passages[0]?.cut;
    if (cut === undefined || this.#announced) return [];
    const sound = cut.sound ?? soundOf(timeline.ptsOf(cut.frame + 1));
    const picture = cut.picture ?? { frame: cut.frame + 1, kept: false };
    if (frame < Math.min(timeline.frameAt(sound.end), picture.frame)) return [];
    this.#announced = true;
    const fields = {
      pts: timeline.ptsOf(frame),
      sound: sound.end,
      faded: sound.faded,
      picture: timeline.ptsOf(picture.kept ? picture.frame + 1 : picture.frame),
      ...(picture.kept && { closing: picture.frame }),
    };
    return [{ event: true, name: 'replay-cut', fields }];
  }
}

const soundOf = (end: Ns): { end: Ns; faded: Ns } => ({ end, faded: end + FADE });
