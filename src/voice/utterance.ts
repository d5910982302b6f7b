/** One utterance on its way through the timeline: samples in hand, marks, and where its beginning was placed. */

import type { Ns } from '../element/index.js';
import type { Written } from './written.js';

/** What an utterance is: speech, or a clip of the avatar with its sound, whose name is the text. */
export type Kind = 'speech' | 'clip';

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

/** An utterance that ended, by itself or by a cut: what a schedule keeps of it. */
export interface Placed {
  readonly id: string;
  readonly text: string;
  readonly kind: Kind;
  readonly runs: readonly Run[];
  /** Of a text that came in parts: their lengths. */
  readonly parts?: readonly number[];
}

export class Utterance {
  readonly id: string;
  readonly kind: Kind;
  readonly #text: string | Written;
  /** Where a schedule wants it, if one does. */
  readonly runs: readonly Run[] | undefined;
  /** `over`: a draft that has left to its end. */
  state: 'queued' | 'speaking' | 'paused' | 'over' = 'queued';
  /** The engine has no more. */
  finished = false;
  /** Samples that have left. */
  sent = 0;
  /** Samples that have not. */
  inHand = 0;
  /** Oldest first; `#head` samples of the first have left. */
  #pieces: Int16Array[] = [];
  #head = 0;
  #marks: MarkAt[] = [];
  #placed: Run[] = [];
  /** It may be taken back: the running time before which it must not begin; Infinity: not as long as it may be. */
  draft: Ns | undefined;
  /** Of a draft: what has left. */
  #past: Int16Array[] = [];
  #pastMarks: MarkAt[] = [];

  constructor(id: string, text: string | Written, kind: Kind, runs: readonly Run[] | undefined) {
    this.id = id;
    this.#text = text;
    this.kind = kind;
    this.runs = runs;
  }

  /** As far as it is written. */
  get text(): string {
    return typeof this.#text === 'string' ? this.#text : this.#text.text;
  }

  get placed(): readonly Run[] {
    return this.#placed;
  }

  /** More samples and marks, both in order. */
  feed(samples: Int16Array, marks: readonly MarkAt[]): void {
    if (samples.length > 0) this.#pieces.push(samples);
    this.inHand += samples.length;
    this.#marks.push(...marks);
  }

  /** The first `count` samples in hand, without taking them, followed by zeros up to `length`. */
  peek(count: number, length: number): Int16Array {
    const out = new Int16Array(length);
    let written = 0;
    let head = this.#head;
    for (const piece of this.#pieces) {
      if (written >= count) break;
      const part = piece.subarray(head, head + count - written);
      out.set(part, written);
      written += part.length;
      head = 0;
    }
    return out;
  }

  /** Marks that have not left and lie before sample `end` of the utterance. */
  marksBefore(end: number): MarkAt[] {
    const after = this.#marks.findIndex(({ sample }) => sample >= end);
    return after < 0 ? [...this.#marks] : this.#marks.slice(0, after);
  }

  /** `samples` and `marks` left with video frame `frame`. */
  leave(frame: number, samples: number, marks: number): void {
    const latest = this.#placed.at(-1);
    if (this.state !== 'speaking' || !latest) this.#placed.push({ frame, offset: this.sent, samples });
    else this.#placed[this.#placed.length - 1] = { ...latest, samples: latest.samples + samples };
    if (this.draft !== undefined) this.#past.push(this.peek(samples, samples));
    this.#drop(samples);
    const left = this.#marks.splice(0, marks);
    if (this.draft !== undefined) this.#pastMarks.push(...left);
    this.sent += samples;
    this.state = 'speaking';
  }

  /** It counts: what has left stays so. */
  keep(): void {
    this.draft = undefined;
    this.#past = [];
    this.#pastMarks = [];
  }

  /** Of a draft: nothing has left. */
  rewind(): void {
    const [first, ...rest] = this.#pieces;
    this.#pieces = [...this.#past, ...(first === undefined ? [] : [first.subarray(this.#head), ...rest])];
    this.#head = 0;
    this.#marks = [...this.#pastMarks, ...this.#marks];
    this.inHand += this.sent;
    this.sent = 0;
    this.state = 'queued';
    [this.#past, this.#pastMarks, this.#placed] = [[], [], []];
  }

  toPlaced(): Placed {
    const parts = typeof this.#text === 'string' ? {} : { parts: [...this.#text.parts] };
    return { id: this.id, text: this.text, kind: this.kind, runs: [...this.#placed], ...parts };
  }

  #drop(count: number): void {
    this.inHand -= count;
    let left = count;
    while (left > 0) {
      const first = this.#pieces[0];
      if (!first) break;
      const here = Math.min(left, first.length - this.#head);
      this.#head += here;
      left -= here;
      if (this.#head < first.length) break;
      this.#pieces.shift();
      this.#head = 0;
    }
  }
}
