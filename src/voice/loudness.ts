/**
 * Brings a voice gently to a loudness, sample by sample, without waiting and without pumping.
 *
 * The level is the mean over everything loud enough to be speech that the utterance has had so far, so it settles; the gain follows it
 * quickly in the first second of speech and slowly afterwards. All of it is decided at fixed places, every 20 ms from the first sample, so
 * that the same speech gives the same samples however it was cut on its way. A peak that would pass the ceiling takes the
 * gain down at once, for good until it is won back at the slow pace.
 */

/** Seconds between two decisions. */
const STEP = 0.02;
/** Quieter is no speech: pauses, breath, room. Full scale is 1. */
const GATE = 10 ** (-50 / 20);
/** Most that is made louder or softer, dB. */
const MOST = 12;
/** dB per second while less than a second of speech is known, and afterwards. */
const QUICK = 12;
const SLOW = 2;
/** -1 dBFS. */
const CEILING = Math.floor(32767 * 10 ** (-1 / 20));

/** The gain of one utterance. */
export class Leveller {
  readonly #target: number;
  readonly #step: number;
  /** dB at the last decision and at the next one. */
  #from = 0;
  #to = 0;
  #at = 0;
  #square = 0;
  #speech = 0;
  #steps = 0;

  /** `rate`: samples per second. `target`: RMS of speech, dB of full scale. */
  constructor(rate: number, target: number) {
    this.#target = target;
    this.#step = Math.max(1, Math.round(rate * STEP));
  }

  /** As many samples as it is given; those stay as they are. */
  take(samples: Int16Array): Int16Array {
    const out = new Int16Array(samples.length);
    for (let n = 0; n < samples.length; n++) {
      if (this.#at === this.#step) this.#decide();
      const sample = samples[n]!;
      const db = this.#from + ((this.#to - this.#from) * this.#at) / this.#step;
      this.#square += (sample / 32768) ** 2;
      this.#at++;
      const louder = sample * 10 ** (db / 20);
      if (Math.abs(louder) > CEILING) {
        const most = 20 * Math.log10(CEILING / Math.abs(sample));
        this.#from = this.#to = Math.min(most, db);
        out[n] = Math.sign(sample) * CEILING;
      } else out[n] = Math.round(louder);
    }
    return out;
  }

  #decide(): void {
    const mean = this.#square / this.#step;
    if (mean > GATE ** 2) {
      this.#speech += mean;
      this.#steps++;
    }
    this.#square = this.#at = 0;
    this.#from = this.#to;
    if (this.#steps === 0) return;
    const level = 10 * Math.log10(this.#speech / this.#steps);
    const wanted = Math.max(-MOST, Math.min(MOST, this.#target - level));
    const pace = (this.#steps * STEP < 1 ? QUICK : SLOW) * STEP;
    this.#to = this.#from + Math.max(-pace, Math.min(pace, wanted - this.#from));
  }
}
