/** What we play, beside what is heard: says of the one whether anybody else is in it. */
import type { Ns } from '../../element/time.js';
import { EAR_RATE } from './detector.js';
import { Echo } from './echo.js';
import { Spectrum } from './spectrum.js';

/** Of so many steps of 16 ms, */
const STEPS = 4;
/** so many must have somebody else in them: a voice is louder than an echo only in parts, and an echo sways now and then. */
const OTHERS = 2;

export class OwnVoice {
  readonly #echo = new Echo();
  readonly #heard = new Spectrum(EAR_RATE);
  #played: { readonly rate: number; readonly spectrum: Spectrum } | undefined;
  /** Of the last steps, whether somebody else was heard. */
  #others: boolean[] = [];

  /** How late what we play comes back, ns; undefined while it does not, or that is not known. */
  get delay(): Ns | undefined {
    return this.#echo.delay;
  }

  /** We play this: one channel at `rate`, its first sample at `pts`. */
  play(samples: Int16Array, pts: Ns | undefined, rate: number): void {
    if (this.#played?.rate !== rate) this.#played = { rate, spectrum: new Spectrum(rate) };
    for (const { bands, at } of this.#played.spectrum.push(samples, pts)) this.#echo.played(bands, at);
  }

  /** This is heard, at 16 kHz: is somebody else than we in it, or in the 64 ms before its end? */
  hear(samples: Int16Array | Float32Array, pts: Ns | undefined): boolean {
    for (const { bands, at } of this.#heard.push(samples, pts)) {
      this.#others = [...this.#others, this.#echo.heard(bands, at)].slice(-STEPS);
    }
    return this.#others.filter(Boolean).length >= OTHERS;
  }
}
