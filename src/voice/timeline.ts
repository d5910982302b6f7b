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
 * - The start never lies before the clock: what is heard is always still to come.
 */
import { framesToNs, type Fraction, type Ns } from '../element/time.js';

/** Something that happens at a sample: travels in-band as `talkgraph/NAME`. */
export interface Mark {
  readonly name: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** A mark and where it belongs: samples from the start of its utterance. */
export interface MarkAt extends Mark {
  readonly sample: number;
}

/** One contiguous stretch of an utterance: `samples` from `offset` on, beginning with video frame `frame`. */
export interface Run {
  readonly frame: number;
  readonly offset: number;
  readonly samples: number;
}

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

interface Utterance {
  readonly id: string;
  readonly text: string;
  readonly runs: readonly Run[] | undefined;
  /** Samples in hand that have not left, oldest first; `head` of the first one has left. */
  pieces: Int16Array[];
  head: number;
  inHand: number;
  /** Samples that have left. */
  sent: number;
  finished: boolean;
  marks: MarkAt[];
  state: 'queued' | 'speaking' | 'paused';
}

/** A stretch that has left: kept to answer how much of an utterance was heard. */
interface Sent {
  readonly id: string;
  readonly frame: number;
  readonly offset: number;
  samples: number;
}

/** Stretches remembered; one lasts at least a frame and only the last second or so is ever asked about. */
const REMEMBERED = 64;

export class Timeline {
  readonly #options: TimelineOptions;
  readonly #queue: Utterance[] = [];
  readonly #sent: Sent[] = [];
  #frame = 0;
  #proposed: { slot: Slot; apply: () => void } | undefined;

  constructor(options: TimelineOptions) {
    this.#options = options;
  }

  /** The next frame to leave. */
  get frame(): number {
    return this.#frame;
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

  /** The first frame that begins at or after `time`. */
  frameAtOrAfter(time: Ns): number {
    const { fps } = this.#options;
    let n = Math.max(0, Math.floor((time * fps.num) / (fps.den * 1e9)));
    while (this.ptsOf(n) < time) n++;
    return n;
  }

  /** Appends an utterance; `runs` places it where a schedule says. */
  say(id: string, text: string, runs?: readonly Run[]): void {
    this.#queue.push({
      id,
      text,
      runs,
      pieces: [],
      head: 0,
      inHand: 0,
      sent: 0,
      finished: false,
      marks: [],
      state: 'queued',
    });
  }

  /** More samples of utterance `id`, in order. Of an utterance that was cut they are ignored. */
  feed(id: string, samples: Int16Array, marks: readonly MarkAt[] = []): void {
    const utterance = this.#queue.find((other) => other.id === id && !other.finished);
    if (!utterance) return;
    if (samples.length > 0) utterance.pieces.push(samples);
    utterance.inHand += samples.length;
    utterance.marks.push(...marks);
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
    if (!utterance) return this.#options.pacing === 'live' ? this.#silence([]) : 'empty';
    if (utterance.state === 'speaking') return this.#goOn(utterance, now);
    const may = this.#mayStart(utterance, now);
    if (may === 'now') return this.#speak(utterance);
    return may === 'starved' ? 'starved' : this.#silence([]);
  }

  /** The proposed slot has left. */
  commit(): void {
    this.#proposed?.apply();
    this.#proposed = undefined;
  }

  /**
   * Drops everything that is said or waiting and goes back to frame `frame`, the first that nobody has heard.
   * Returns the ids that were dropped.
   */
  cut(frame: number): string[] {
    const ids = this.#queue.map(({ id }) => id);
    this.#queue.length = 0;
    this.#proposed = undefined;
    this.#frame = Math.min(this.#frame, frame);
    return ids;
  }

  /** What stood at media time `time`: the utterance and how many of its samples lay before; undefined in silence. */
  heard(time: Ns): { id: string; samples: number } | undefined {
    const sample = Math.floor((time * this.#options.rate) / 1e9);
    for (let i = this.#sent.length - 1; i >= 0; i--) {
      const stretch = this.#sent[i];
      if (!stretch) continue;
      const first = this.sampleOf(stretch.frame);
      if (sample < first) continue;
      return { id: stretch.id, samples: stretch.offset + Math.min(sample - first, stretch.samples) };
    }
    return undefined;
  }

  #ready(utterance: Utterance): boolean {
    const { rate, lookAhead } = this.#options;
    const oneFrame = this.sampleOf(this.#frame + 1) - this.sampleOf(this.#frame);
    const wanted = Math.ceil((lookAhead * rate) / 1e9) + oneFrame;
    return utterance.finished || utterance.inHand >= wanted;
  }

  #mayStart(utterance: Utterance, now: Ns | undefined): 'now' | 'later' | 'starved' {
    if (this.#options.pacing === 'schedule') {
      const run = utterance.runs?.find(({ offset }) => offset === utterance.sent);
      if (run && this.#frame < run.frame) return 'later';
      return this.#ready(utterance) ? 'now' : 'starved';
    }
    if (!this.#ready(utterance)) return this.#options.pacing === 'live' ? 'later' : 'starved';
    return now !== undefined && this.ptsOf(this.#frame) < now ? 'later' : 'now';
  }

  #goOn(utterance: Utterance, now: Ns | undefined): Slot | 'starved' {
    const oneFrame = this.sampleOf(this.#frame + 1) - this.sampleOf(this.#frame);
    if (this.#options.pacing === 'schedule') {
      const run = utterance.runs?.findLast(({ offset }) => offset <= utterance.sent);
      const over = run !== undefined && utterance.sent >= run.offset + run.samples;
      if (over && utterance.runs?.some(({ offset }) => offset === utterance.sent)) return this.#pause(utterance, undefined);
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
    const mark: Mark = { name: 'utterance-pause', fields: { id: utterance.id, pts: this.ptsOf(this.#frame) } };
    const at = patience ?? this.ptsOf(this.#frame);
    return this.#silence([mark], at, () => {
      utterance.state = 'paused';
    });
  }

  #speak(utterance: Utterance): Slot {
    const from = this.sampleOf(this.#frame);
    const room = this.sampleOf(this.#frame + 1) - from;
    const take = Math.min(room, utterance.inHand);
    const last = utterance.finished && take === utterance.inHand;
    const starts = utterance.state !== 'speaking';
    const samples = new Int16Array(room);
    copyOut(utterance, samples, take);

    const pts = this.ptsOf(this.#frame);
    const marks: Mark[] = [];
    if (starts) {
      const name = utterance.sent === 0 ? 'utterance-start' : 'utterance-resume';
      marks.push({ name, fields: { id: utterance.id, text: utterance.text, pts, frame: this.#frame } });
    }
    const due = utterance.marks.filter(({ sample }) => sample < utterance.sent + take || last);
    for (const { name, fields, sample } of due) {
      const offset = sample - utterance.sent;
      const at = Math.round(((from + offset) * 1e9) / this.#options.rate);
      marks.push({ name, fields: { ...fields, id: utterance.id, pts: at } });
    }
    if (last) {
      const end = Math.round(((from + take) * 1e9) / this.#options.rate);
      marks.push({ name: 'utterance-end', fields: { id: utterance.id, pts: end, samples: utterance.sent + take } });
    }

    const slot: Slot = { frame: this.#frame, at: this.#at((pts - this.#options.lead) as Ns), samples, marks };
    return this.#propose(slot, () => {
      this.#remember(utterance, take, starts);
      drop(utterance, take);
      utterance.sent += take;
      utterance.marks = utterance.marks.slice(due.length);
      utterance.state = 'speaking';
      if (last) this.#queue.shift();
    });
  }

  #remember(utterance: Utterance, samples: number, starts: boolean): void {
    const latest = this.#sent.at(-1);
    if (!starts && latest?.id === utterance.id) {
      latest.samples += samples;
      return;
    }
    this.#sent.push({ id: utterance.id, frame: this.#frame, offset: utterance.sent, samples });
    if (this.#sent.length > REMEMBERED) this.#sent.shift();
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

/** Copies `count` samples in hand to the front of `target` without taking them. */
function copyOut(utterance: Utterance, target: Int16Array, count: number): void {
  let written = 0;
  let head = utterance.head;
  for (const piece of utterance.pieces) {
    if (written >= count) break;
    const part = piece.subarray(head, head + count - written);
    target.set(part, written);
    written += part.length;
    head = 0;
  }
}

/** Lets go of the first `count` samples in hand. */
function drop(utterance: Utterance, count: number): void {
  utterance.inHand -= count;
  let left = count;
  while (left > 0) {
    const first = utterance.pieces[0];
    if (!first) break;
    const here = Math.min(left, first.length - utterance.head);
    utterance.head += here;
    left -= here;
    if (utterance.head < first.length) break;
    utterance.pieces.shift();
    utterance.head = 0;
  }
}
