import { butterflies, type Complex, complex, plan, type Stage } from './butterflies.js';

/**
 * Fourier transform of a real signal of even length whose half has only the factors 2, 3, 4 and 5.
 *
 * Speech front ends use windows that are no power of two (Wav2Lip 800, Whisper 400), so a radix-2 transform
 * would have to pad and would put its bins elsewhere. Two real samples are packed into one complex one and
 * transformed at half length (Stockham's self-sorting form: no bit reversal, and each stage reads and writes
 * in order). Tables are made once; `transform` allocates nothing.
 */
export class RealFft {
  /** Length of the real input, in samples. */
  readonly length: number;
  /** Real parts of bins 0..length/2 of the last transform. */
  readonly re: Float64Array;
  /** Imaginary parts of bins 0..length/2 of the last transform. */
  readonly im: Float64Array;

  readonly #stages: Stage[];
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  #a: Complex;
  #b: Complex;

  /** @throws TypeError when `length` is odd or its half has a prime factor above 5 */
  constructor(length: number) {
    if (length < 4 || length % 2 !== 0) {
      throw new TypeError(`Expected an even transform length from 4 but received ${length}.`);
    }
    const half = length / 2;
    this.length = length;
    this.re = new Float64Array(half + 1);
    this.im = new Float64Array(half + 1);
    this.#a = complex(half);
    this.#b = complex(half);
    this.#stages = plan(half);
    this.#cos = new Float64Array(half + 1);
    this.#sin = new Float64Array(half + 1);
    for (let k = 0; k <= half; k++) {
      this.#cos[k] = Math.cos((2 * Math.PI * k) / length);
      this.#sin[k] = Math.sin((2 * Math.PI * k) / length);
    }
  }

  /** Transforms `length` samples of `x` times `window` into `re` and `im`, of which bins `from`..`to` are valid. */
  transform(x: Float64Array, window: Float64Array, from = 0, to = this.length / 2): void {
    const half = this.length / 2;
    let src = this.#a;
    let dst = this.#b;
    for (let i = 0, n = 0; i < half; i++, n += 2) {
      src.re[i] = x[n]! * window[n]!;
      src.im[i] = x[n + 1]! * window[n + 1]!;
    }
    let stride = 1;
    for (const stage of this.#stages) {
      butterflies(stage, stride, src, dst);
      stride *= stage.radix;
      [src, dst] = [dst, src];
    }
    const { re, im } = src;
    for (let k = from; k <= to; k++) {
      const p = k === half ? 0 : k;
      const q = k === 0 || k === half ? 0 : half - k;
      const evenRe = (re[p]! + re[q]!) / 2;
      const evenIm = (im[p]! - im[q]!) / 2;
      const oddRe = (im[p]! + im[q]!) / 2;
      const oddIm = (re[q]! - re[p]!) / 2;
      const c = this.#cos[k]!;
      const s = this.#sin[k]!;
      this.re[k] = evenRe + c * oddRe + s * oddIm;
      this.im[k] = evenIm + c * oddIm - s * oddRe;
    }
  }
}
