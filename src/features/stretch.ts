import { type EventItem, type Frame, framesToNs, type Item, type Ns, pcm, SECOND } from '../element/index.js';
import { History } from './history.js';
import { type FeatureWindows, type FrameRate, firstFrame, frameStart, type Pending } from './windows.js';

/** Marks that may wait for their frame; more are let go early. */
const MARKS = 256;
/** PTS are rounded, so positions may differ by this many samples without being a jump. */
const ROUNDING = 2;

/** What windows that take over hear of what was before them, in seconds. */
const BEFORE = 0.4;
/** Sound that is kept for them: that, and what a window may look ahead. */
const KEPT = 2;

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
  #windows: FeatureWindows<Float32Array | Pending>;
  readonly #heard: History;
  readonly #framerate: FrameRate;
  readonly #out: Outgoing[];
  readonly #alloc: (bytes: number) => Uint8Array;
  #marks: Mark[] = [];
  #next = 0;
  /** The frame that is due: the one behind the last window, or the first behind a jump. */
  #due = 0;
  /** Where the last utterance begins. */
  #utterance = 0;
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
    this.#heard = new History(KEPT * windows.rate);
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
    else if (off > ROUNDING) this.#push(new Int16Array(off));
    else if (off < -ROUNDING) from = Math.min(samples.length, -off);
    this.#push(from > 0 ? samples.subarray(from) : samples);
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
    if (name === 'utterance-start') {
      this.#windows.begin(sample);
      this.#utterance = sample;
    }
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

  /** When the frame begins that is due. */
  get due(): Ns {
    return framesToNs(this.#due, this.#framerate);
  }

  /**
   * Makes other windows from the frame that is due on, of the same rate: no frame is left out, none comes twice. They hear
   * again the last of what was before, so that their first window is not one of silence.
   */
  change(windows: FeatureWindows<Float32Array | Pending>): void {
    const { position, rate } = this.#windows;
    this.#windows = windows;
    const from = Math.ceil(frameStart(this.#due, this.#framerate, rate) - BEFORE * rate);
    const first = Math.min(position, Math.max(from, this.#heard.start));
    windows.restart(first);
    if (this.#utterance >= first) windows.begin(this.#utterance);
    if (!this.#begun) return;
    windows.push(this.#heard.read(first, position - first), this.#give);
    if (this.marked && !this.#speaking) windows.complete(position, this.#give);
  }

  #push(samples: Int16Array): void {
    this.#heard.push(samples);
    this.#windows.push(samples, this.#give);
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
    this.#heard.restart(at);
    this.#due = firstFrame(at, this.#framerate, this.#windows.rate);
    this.#begun = true;
    this.#discont = true;
  }

  readonly #give = (frame: number, window: Float32Array | Pending, silent: boolean): void => {
    // One that windows which have gone have made already.
    if (frame < this.#due) return;
    this.#due = frame + 1;
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
