/** The last moments of a stream of sound, so that a turn can begin before it was known. */
import { framesToNs, type Ns, nsToFrames } from '../../element/time.js';

export class RecentSound {
  readonly #rate: number;
  readonly #most: number;
  #pieces: { readonly pts: Ns; readonly samples: Int16Array }[] = [];
  #length = 0;

  /** @param seconds that are kept, give or take one piece */
  constructor(seconds: number, rate: number) {
    this.#rate = rate;
    this.#most = Math.round(seconds * rate);
  }

  /** Takes a copy. */
  push(samples: Int16Array, pts: Ns): void {
    this.#pieces.push({ pts, samples: samples.slice() });
    this.#length += samples.length;
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[0]) {
      if (this.#length - first.samples.length < this.#most) return;
      this.#length -= first.samples.length;
      this.#pieces.shift();
    }
  }

  /** What is kept of it from `from` on, piece by piece. */
  *since(from: Ns): Generator<Int16Array, void, undefined> {
    for (const { pts, samples } of this.#pieces) {
      const end = pts + framesToNs(samples.length, this.#rate);
      if (end <= from) continue;
      yield samples.subarray(Math.max(0, nsToFrames(from - pts, this.#rate)));
    }
  }

  clear(): void {
    this.#pieces = [];
    this.#length = 0;
  }
}
