/**
 * Sound cut into hops of a fixed length, each with the time that it begins at.
 *
 * Time comes from the PTS of what came in, never from counting: where that jumps (lost packets that nobody replaced, a seek)
 * the unfinished hop is dropped and the next one begins where the sound goes on.
 */
import { framesToNs, MS, type Ns } from '../../element/time.js';

/** Some samples of one hop, from -1 to 1; `samples` is the cutter's own memory, valid until the next `push`. */
export interface Hop {
  readonly samples: Float32Array<ArrayBuffer>;
  readonly pts: Ns;
  /** What came before is not what this one follows. */
  readonly jump: boolean;
}

/** PTS may be this far off what was counted: they are rounded, and clocks are slewed. */
const TOLERANCE: Ns = 2 * MS;

export class Hops {
  readonly #rate: number;
  readonly #samples: Float32Array<ArrayBuffer>;
  #filled = 0;
  /** Time of the first sample of this hop. */
  #pts: Ns | undefined;
  #jump = true;

  /** @param length samples of a hop @param rate samples per second */
  constructor(length: number, rate: number) {
    this.#samples = new Float32Array(length);
    this.#rate = rate;
  }

  /** Gives every hop that these samples complete, in order. `pts`: time of the first one; without it they follow the last. */
  *push(samples: Int16Array | Float32Array, pts: Ns | undefined): Generator<Hop, void, undefined> {
    this.#follow(pts);
    const length = this.#samples.length;
    const unit = samples instanceof Int16Array ? 1 / 32768 : 1;
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(length - this.#filled, samples.length - at);
      for (let i = 0; i < count; i++) this.#samples[this.#filled + i] = (samples[at + i] ?? 0) * unit;
      this.#filled += count;
      at += count;
      if (this.#filled < length) return;
      const begins = this.#pts ?? 0;
      const jump = this.#jump;
      this.#jump = false;
      this.#filled = 0;
      this.#pts = begins + framesToNs(length, this.#rate);
      yield { samples: this.#samples, pts: begins, jump };
      // Of the buffer's own time, so that roundings of hops do not add up.
      if (pts !== undefined) this.#pts = pts + framesToNs(at, this.#rate);
    }
  }

  #follow(pts: Ns | undefined): void {
    if (pts === undefined) {
      this.#pts ??= 0;
      return;
    }
    const begins = pts - framesToNs(this.#filled, this.#rate);
    if (this.#pts !== undefined && Math.abs(begins - this.#pts) > TOLERANCE) {
      this.#filled = 0;
      this.#jump = true;
      this.#pts = pts;
    } else this.#pts = begins;
  }
}
