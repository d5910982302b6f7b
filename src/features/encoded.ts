import { History } from './history.js';
import {
  type FeatureWindows,
  type FrameRate,
  firstFrame,
  frameStart,
  type Pending,
  type WindowReceiver,
} from './windows.js';

/** Makes rows of one stretch of samples; `frame` is the first video frame that waits for them. Undefined: too late. */
export type Encode = (samples: Int16Array, frame: number) => Promise<Float32Array | undefined>;

/** One vector of a window: row `row` of what job `job` makes; without a job it is zero. */
export interface Vector {
  readonly job: number | undefined;
  readonly row: number;
}

/** How an encoder's work is cut into jobs, and which of their rows each video frame sees. */
export interface Plan {
  /** Samples of one job. */
  readonly length: number;
  /** Numbers in a row. */
  readonly width: number;
  /** Video frames that one job serves at most. */
  readonly span: number;
  /** Jobs of a second of speech. */
  readonly perSecond: number;
  /** First sample of a job. */
  from(job: number): number;
  /** Vectors of the window of video frame `frame`, in order; `start` is the first sample there is. */
  vectors(frame: number, start: number): readonly Vector[];
  /** Samples that reach a window, from and to before: where all are zero, nothing is encoded. */
  reach(frame: number): readonly [number, number];
}

interface Job {
  readonly samples: Int16Array;
  /** All its samples had been heard. */
  readonly whole: boolean;
  readonly rows: Promise<Float32Array | undefined>;
}

/** A second and more of frames: look-ahead repeats after this many. */
const PERIOD = 240;

/**
 * Windows of an encoder's rows. A job is a pure function of its samples, so what a frame sees depends on where samples
 * belong and never on how they came. Each job runs once, however many windows see it; again only where it was asked for
 * before its end was heard, and that end turned out not to be silent.
 */
export class EncodedWindows implements FeatureWindows<Pending> {
  readonly rate = 16_000;
  readonly shape: readonly number[];
  readonly lookAhead: number;
  readonly #framerate: FrameRate;
  readonly #plan: Plan;
  readonly #encode: Encode;
  readonly #history: History;
  readonly #jobs = new Map<number, Job>();
  #silence: Promise<Float32Array | undefined> | undefined;
  #frame = 0;

  /** @param shape of one window, outer dimension first */
  constructor(plan: Plan, encode: Encode, framerate: FrameRate, shape: readonly number[]) {
    this.#plan = plan;
    this.#encode = encode;
    this.#framerate = framerate;
    this.shape = shape;
    const frames = Array.from({ length: PERIOD }, (_, n) => n);
    const ahead = frames.map((n) => this.#end(n) - frameStart(n, framerate, this.rate));
    const back = frames.map((n) => frameStart(n, framerate, this.rate) - this.#begin(n));
    this.lookAhead = Math.max(0, ...ahead) / this.rate;
    // What waits behind the oldest sample of a window: the look-ahead, and a frame.
    const frameLength = Math.ceil(frameStart(1, framerate, this.rate));
    this.#history = new History(Math.max(...back) + Math.max(0, ...ahead) + 2 * frameLength);
  }

  get position(): number {
    return this.#history.position;
  }

  restart(sample: number): void {
    this.#history.restart(sample);
    this.#jobs.clear();
    this.#frame = firstFrame(sample, this.#framerate, this.rate);
  }

  begin(): void {
    // Nothing is learnt of a speaker here.
  }

  push(samples: Int16Array, receive: WindowReceiver<Pending>): void {
    for (let i = 0; i < samples.length; ) {
      const missing = Math.max(1, this.#end(this.#frame) - this.position);
      const piece = samples.subarray(i, i + missing);
      this.#history.push(piece);
      i += piece.length;
      while (this.#end(this.#frame) <= this.position) this.#give(receive);
    }
  }

  complete(limit: number, receive: WindowReceiver<Pending>): void {
    while (frameStart(this.#frame, this.#framerate, this.rate) < limit - 0.5) this.#give(receive);
  }

  #give(receive: WindowReceiver<Pending>): void {
    const frame = this.#frame++;
    const [from, to] = this.#plan.reach(frame);
    if (this.#history.isSilent(from, to)) receive(frame, Promise.resolve(undefined), true);
    else receive(frame, this.#gather(frame), false);
  }

  /** The window of a frame, as soon as all its jobs are done. */
  async #gather(frame: number): Pending {
    const { width } = this.#plan;
    const vectors = this.#plan.vectors(frame, this.#history.start);
    const needed = [...new Set(vectors.flatMap(({ job }) => (job === undefined ? [] : [job])))];
    // At once: what comes later must not be heard by it.
    const asked = needed.map((job) => this.#run(job, frame));
    for (const job of this.#jobs.keys()) if (job < Math.min(...needed)) this.#jobs.delete(job);
    const done = await Promise.all(asked);
    const rows = new Map(needed.map((job, i) => [job, done[i]]));
    const window = new Float32Array(vectors.length * width);
    for (const [i, { job, row }] of vectors.entries()) {
      if (job === undefined) continue;
      const made = rows.get(job);
      if (made === undefined) return undefined;
      window.set(made.subarray(row * width, (row + 1) * width), i * width);
    }
    return window;
  }

  #run(job: number, frame: number): Promise<Float32Array | undefined> {
    const known = this.#jobs.get(job);
    if (known?.whole) return known.rows;
    const from = this.#plan.from(job);
    const { length } = this.#plan;
    const samples = this.#history.read(from, length);
    const same = known !== undefined && samples.every((sample, i) => sample === known.samples[i]);
    const rows = same ? known.rows : this.#start(samples, frame);
    this.#jobs.set(job, { samples, rows, whole: from + length <= this.position });
    return rows;
  }

  /** Silence sounds the same everywhere. */
  #start(samples: Int16Array, frame: number): Promise<Float32Array | undefined> {
    if (samples.some((sample) => sample !== 0)) return this.#encode(samples, frame);
    if (this.#silence === undefined) {
      const silence = this.#encode(samples, frame);
      const forget = (rows: Float32Array | undefined) => {
        if (rows === undefined) this.#silence = undefined;
      };
      silence.then(forget, () => forget(undefined));
      this.#silence = silence;
    }
    return this.#silence;
  }

  /** The sample with which the last job of a frame is whole. */
  #end(frame: number): number {
    const jobs = this.#plan
      .vectors(frame, Number.NEGATIVE_INFINITY)
      .map(({ job = 0 }) => this.#plan.from(job));
    return Math.max(...jobs) + this.#plan.length;
  }

  #begin(frame: number): number {
    const jobs = this.#plan
      .vectors(frame, Number.NEGATIVE_INFINITY)
      .map(({ job = 0 }) => this.#plan.from(job));
    return Math.min(...jobs);
  }
}
