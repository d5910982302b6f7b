/** Sound as levels in bands, 16 ms at a time: coarse enough to know a voice again after a room and a loudspeaker, at any rate. */

import type { Ns } from '../../element/time.js';
import { RealFft } from '../../features/fft.js';
import { type MelBands, melBands } from '../../features/melbands.js';
import { Hops } from './hops.js';

export const BANDS = 16;
/** Hz: below is hum, above is little of a voice, and 8 kHz sound has no more. */
const [LOW, HIGH] = [150, 3900];
/** Nothing is softer than this, dB of full scale. */
export const SOFTEST = -90;
/** ns from one to the next; each is of twice as much. */
export const STEP: Ns = 16e6;

/** Levels of the bands in dB of full scale, of 32 ms that end at `at`; valid until the next. */
export interface Levels {
  readonly bands: Float64Array;
  readonly at: Ns;
}

export class Spectrum {
  readonly #hops: Hops;
  readonly #fft: RealFft;
  readonly #mel: MelBands;
  readonly #window: Float64Array;
  /** The half window before, and this one; what is behind is zero. */
  readonly #sound: Float64Array;
  readonly #bands = new Float64Array(BANDS);
  readonly #hop: number;

  /** @param rate samples per second of the sound, from 8000 */
  constructor(rate: number) {
    this.#hop = Math.round((rate * STEP) / 1e9);
    this.#hops = new Hops(this.#hop, rate);
    const length = 2 * this.#hop;
    // A power of two can always be transformed.
    const padded = 2 ** Math.ceil(Math.log2(length));
    this.#fft = new RealFft(padded);
    this.#mel = melBands(BANDS, LOW, HIGH, padded, rate);
    this.#sound = new Float64Array(padded);
    // Hann's, scaled so that the sum over all bins is the power of the sound.
    this.#window = Float64Array.from({ length: padded }, (_, n) =>
      n < length ? Math.sin((Math.PI * (n + 0.5)) / length) ** 2 : 0,
    );
  }

  /** Takes samples in order; `pts`: time of the first one. */
  *push(samples: Int16Array | Float32Array, pts: Ns | undefined): Generator<Levels, void, undefined> {
    for (const hop of this.#hops.push(samples, pts)) {
      if (hop.jump) this.#sound.fill(0);
      this.#sound.copyWithin(0, this.#hop, 2 * this.#hop);
      this.#sound.set(hop.samples, this.#hop);
      this.#measure();
      yield { bands: this.#bands, at: hop.pts + STEP };
    }
  }

  #measure(): void {
    const { re, im } = this.#fft;
    const { bins, offsets, weights, from, to } = this.#mel;
    this.#fft.transform(this.#sound, this.#window, from, to);
    // Three eighths of the squares of the samples are left by the window.
    const scale = 2 / (this.#fft.length * 2 * this.#hop * 0.375);
    for (let band = 0; band < BANDS; band++) {
      const [first, end] = [offsets[band]!, offsets[band + 1]!];
      let sum = 0;
      let all = 0;
      for (let i = first, bin = bins[band]!; i < end; i++, bin++) {
        // Slaney's triangles have unit area: here each is to be a mean over its bins, times its width.
        sum += weights[i]! * (re[bin]! ** 2 + im[bin]! ** 2);
        all = Math.max(all, weights[i]!);
      }
      this.#bands[band] = Math.max(SOFTEST, 10 * Math.log10((scale * sum) / (all || 1) + 1e-12));
    }
  }
}
