import { type EventItem, type Frame, framesToNs, type Item, type Ns, pcm, SECOND } from '../element/index.js';
import { type FeatureWindows, type FrameRate, frameStart, type Pending } from './windows.js';

/** Marks that may wait for their frame; more are let go early. */
const MARKS = 256;
/** PTS are rounded, so positions may differ by this many samples without being a jump. */
const ROUNDING = 2;

/** What goes out in its order; a promise where an encoder is still at it. */
export type Outgoing = Item | Promise<Item>;

interface Mark {
  readonly sample: number;
  readonly item: EventItem;
}

/**
 * One run of speech between two flushes: where it stands, which marks wait, and when a window may go.
 *
 * Positions come from PTS. A hole is filled with silence, an overlap is heard once, a larger jump begins anew. Where
 * utterances are marked, what lies between them is known to be silence, so nothing is waited for there.
 */
export class Stretch {
  /** Utterances are marked, so what lies between them is known to be silence. */
  marked = false;
  readonly #windows: FeatureWindows<Float32Array | Pending>;
  readonly #framerate: FrameRate;
  readonly #out: Outgoing[];
  readonly #alloc: (bytes: number) => Uint8Array;
  #marks: Mark[] = [];
  #next = 0;
  #begun = false;
  #speaking = false;
  /** A clip is heard, which moves no mouth. */
  #quiet = false;
  #discont = false;

  constructor(
    windows: FeatureWindows<Float32Array | Pending>,
    framerate: FrameRate,
    out: Outgoing[],
    alloc: (bytes: number) => Uint8Array,
  ) {
    this.#windows = windows;
    this.#framerate = framerate;
    this.#out = out;
    this.#alloc = alloc;
  }

  /** Takes speech; what became complete is in the list that was given to the constructor. */
  frame(frame: Frame): void {
    const windows = this.#windows;
    const heard = frame.data.length > 0 ? pcm(frame) : new Int16Array(this.#samples(frame.duration ?? 0));
    const samples = this.#quiet ? new Int16Array(heard.length) : heard;
    const at = frame.pts === undefined ? windows.position : this.#samples(frame.pts);
    const off = at - windows.position;
    let from = 0;
    if (!this.#begun || frame.discont === true || off > windows.rate || off < -windows.rate) this.#jump(at);
    else if (off > ROUNDING) windows.push(new Int16Array(off), this.#give);
    else if (off < -ROUNDING) from = Math.min(samples.length, -off);
    windows.push(from > 0 ? samples.subarray(from) : samples, this.#give);
    if (this.marked && !this.#speaking) windows.complete(windows.position, this.#give);
    this.#release();
  }

  /** Takes a mark; `name` without its prefix. It goes on right before the frame that it falls into. */
  mark(name: string, item: EventItem): void {
    if (name === 'phonemes') {
      // Lips look ahead like the windows do; when each is said stands in it.
      this.#out.push(item);
      return;
    }
    const { pts } = item.fields;
    const sample = typeof pts === 'number' && pts >= 0 ? this.#samples(pts) : this.#windows.position;
    this.#marks.push({ sample, item });
    if (name === 'utterance-start') this.#windows.begin(sample);
    // Its end comes before the frame that holds it, and only silence or speech follows.
    if (name === 'clip' && item.fields['name'] !== '') this.#quiet = true;
    if (name === 'utterance-start') this.#quiet = false;
    if (name === 'utterance-start' || name === 'utterance-resume') {
      this.marked = true;
      this.#speaking = true;
    } else if (name === 'utterance-end' || name === 'utterance-pause') {
      // The silence of a pause comes at its own time, too late to be looked ahead at.
      this.#speaking = false;
      this.end();
    } else if (name === 'replay-epoch') {
      // A cut of a schedule: what is pending was never shown, and what follows goes back in time.
      this.#speaking = false;
      this.#out.push(...this.#marks.splice(0).map(({ item }) => item));
    }
    this.#release();
    if (this.#marks.length > MARKS) this.#out.push(...this.#marks.splice(0, 1).map(({ item }) => item));
  }

  /** Nothing follows that belongs to what is pending. */
  end(): void {
    if (this.#begun) this.#windows.complete(this.#windows.position, this.#give);
    this.#out.push(...this.#marks.splice(0).map(({ item }) => item));
  }

  #jump(at: number): void {
    // What was pending ends where it ended; behind a jump backwards nobody waits for it any more.
    if (this.#begun && at >= this.#windows.position) this.end();
    this.#windows.restart(at);
    this.#begun = true;
    this.#discont = true;
  }

  readonly #give = (frame: number, window: Float32Array | Pending, silent: boolean): void => {
    this.#next = frame;
    this.#release();
    this.#next = frame + 1;
    const pts = framesToNs(frame, this.#framerate);
    const duration = framesToNs(frame + 1, this.#framerate) - pts;
    const stamp = { pts, duration, discont: this.#discont };
    this.#discont = false;
    const gap = { ...stamp, data: new Uint8Array(0), gap: true };
    const item = (made: Float32Array): Item => {
      const data = this.#alloc(made.byteLength);
      new Float32Array(data.buffer, data.byteOffset, made.length).set(made);
      return { ...stamp, data };
    };
    if (silent) {
      this.#out.push(gap);
    } else if (window instanceof Float32Array) {
      this.#out.push(item(window));
    } else {
      const later = window.then((made) => (made === undefined ? gap : item(made)));
      // Whoever takes it sees the error; an abandoned one has nobody to tell.
      later.catch(() => undefined);
      this.#out.push(later);
    }
  };

  /** Lets marks go that fall into the next frame or before it. */
  #release(): void {
    const end = frameStart(this.#next + 1, this.#framerate, this.#windows.rate);
    while (this.#marks[0] !== undefined && this.#marks[0].sample < end - 0.5) {
      this.#out.push(this.#marks[0].item);
      this.#marks.shift();
    }
  }

  #samples(time: Ns): number {
    return Math.round((time * this.#windows.rate) / SECOND);
  }
}
