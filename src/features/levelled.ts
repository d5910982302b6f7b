import type { FeatureWindows, WindowReceiver } from './windows.js';

/** Samples over which loudness is measured: 20 ms at 16 kHz. */
const BLOCK = 320;
/** Loudest 20 ms, in dB of full scale, of a speaker nobody has heard yet; voices and recordings have -7 to -15. */
const USUAL = -10;
/** dB below the speaker that still count as the speaker. */
const SPEECH = 26;
/** dB per block by which a speaker is taken for softer: 3 dB a second while somebody speaks, 0.5 otherwise. */
const SOFTER = 3 / 50;
const FORGET = 0.5 / 50;
/** dB by which sound is raised and lowered at most. */
const RAISE = 15;
const LOWER = 20;

/**
 * Features of speech that is brought to the level a model was taught at, as a listener gets used to a speaker.
 *
 * A window of 200 ms does not tell the breath of somebody loud from the word of somebody soft; who has listened for a
 * second does. The loudness of a speaker is the loudest 20 ms of late. It is learnt from samples before those it is
 * applied to, in blocks that lie on absolute positions, so it adds no latency and does not depend on buffers. Each
 * utterance begins anew: what is shown of it never depends on what was said before, or cut.
 *
 * A peak meter with an instant attack and a slow release: ITU-T P.56 and G.169 describe the family.
 */
export class Levelled<W = Float32Array> implements FeatureWindows<W> {
  readonly rate: number;
  readonly shape: readonly number[];
  readonly lookAhead: number;
  readonly #inner: FeatureWindows<W>;
  readonly #level: number;
  /** dBFS of the speaker. */
  #loud = USUAL;
  /** Gain at the ends of the block that is being filled. */
  #from: number;
  #to: number;
  #fill = 0;
  #power = 0;
  #count = 0;
  #begin: number | undefined;

  /** @param level RMS of a speaker's loudest 20 ms as the model knows it, in dB of full scale */
  constructor(inner: FeatureWindows<W>, level: number) {
    this.#inner = inner;
    this.#level = level;
    this.#from = this.#to = this.#gain();
    this.rate = inner.rate;
    this.shape = inner.shape;
    this.lookAhead = inner.lookAhead;
    this.#align();
  }

  get position(): number {
    return this.#inner.position;
  }

  restart(sample: number): void {
    this.#inner.restart(sample);
    this.#begin = undefined;
    this.#learnAnew();
    this.#align();
  }

  begin(sample: number): void {
    this.#begin = sample;
  }

  push(samples: Int16Array, receive: WindowReceiver<W>): void {
    const level = new Int16Array(samples.length);
    for (let i = 0; i < samples.length; ) {
      const before = (this.#begin ?? Number.POSITIVE_INFINITY) - this.position - i;
      if (before <= 0) {
        this.#begin = undefined;
        this.#learnAnew();
        continue;
      }
      const take = Math.min(samples.length - i, BLOCK - this.#fill, before);
      const step = (this.#to - this.#from) / BLOCK;
      for (let n = 0; n < take; n++) {
        const x = samples[i + n]!;
        this.#power += x * x;
        const y = Math.round(x * (this.#from + step * (this.#fill + n)));
        level[i + n] = Math.max(-32768, Math.min(32767, y));
      }
      i += take;
      this.#count += take;
      this.#fill += take;
      if (this.#fill === BLOCK) this.#learn();
    }
    this.#inner.push(level, receive);
  }

  complete(limit: number, receive: WindowReceiver<W>): void {
    this.#inner.complete(limit, receive);
  }

  /** Of the block that has just been filled. */
  #learn(): void {
    const heard = 10 * Math.log10(this.#power / this.#count / 32768 ** 2 + 1e-12);
    const softer = this.#loud - (heard > this.#loud - SPEECH ? SOFTER : FORGET);
    this.#loud = Math.max(heard, softer, this.#level - RAISE);
    this.#from = this.#to;
    this.#to = this.#gain();
    this.#fill = this.#count = this.#power = 0;
  }

  /** The gain as well: how far it had come in the silence before depends on where that began, after a cut say. */
  #learnAnew(): void {
    this.#loud = USUAL;
    this.#from = this.#to = this.#gain();
    this.#power = this.#count = 0;
  }

  #gain(): number {
    return 10 ** (Math.max(-LOWER, this.#level - this.#loud) / 20);
  }

  #align(): void {
    this.#fill = ((this.position % BLOCK) + BLOCK) % BLOCK;
    this.#power = this.#count = 0;
  }
}
