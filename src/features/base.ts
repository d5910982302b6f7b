import { History } from './history.js';
import {
  type FeatureWindows,
  type FrameRate,
  firstFrame,
  frameStart,
  type WindowReceiver,
} from './windows.js';

/** Samples that are remembered: a window may lie this far back, 0.4 s and a frame of it. */
const KEPT = 32_768;

/** The sound itself: the samples of a video frame, from -1 to 1, for a model that hears it as it is. */
export class BaseWindows implements FeatureWindows {
  readonly rate = 16_000;
  readonly shape: readonly [number];
  readonly lookAhead: number;
  readonly #framerate: FrameRate;
  readonly #offset: number;
  readonly #history = new History(KEPT);
  #frame = 0;

  /** @param offsetMs start of a window against its frame, in ms */
  constructor({ framerate, offsetMs }: { readonly framerate: FrameRate; readonly offsetMs: number }) {
    this.#framerate = framerate;
    this.#offset = Math.round((offsetMs * this.rate) / 1000);
    this.shape = [Math.round(frameStart(1, framerate, this.rate))];
    this.lookAhead = Math.max(0, this.#offset + this.shape[0]) / this.rate;
  }

  get position(): number {
    return this.#history.position;
  }

  restart(sample: number): void {
    this.#history.restart(sample);
    this.#frame = firstFrame(sample, this.#framerate, this.rate);
  }

  begin(): void {
    // Nothing is learnt of a speaker here.
  }

  push(samples: Int16Array, receive: WindowReceiver): void {
    const step = this.shape[0];
    for (let i = 0; i < samples.length; i += step) {
      this.#history.push(samples.subarray(i, i + step));
      while (this.#from() + step <= this.position) this.#give(receive);
    }
  }

  complete(limit: number, receive: WindowReceiver): void {
    while (frameStart(this.#frame, this.#framerate, this.rate) < limit - 0.5) this.#give(receive);
  }

  #from(): number {
    return Math.round(frameStart(this.#frame, this.#framerate, this.rate)) + this.#offset;
  }

  #give(receive: WindowReceiver): void {
    const samples = this.#history.read(this.#from(), this.shape[0]);
    this.#frame++;
    receive(
      this.#frame - 1,
      Float32Array.from(samples, (sample) => sample / 32768),
      samples.every((sample) => sample === 0),
    );
  }
}
