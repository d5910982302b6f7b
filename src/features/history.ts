/**
 * The last samples that were heard, by their absolute numbers. What is not there counts as zero: before the start, after
 * the newest, and older than `length`.
 */
export class History {
  readonly #ring: Int16Array;
  #start = 0;
  #position = 0;

  /** @param length samples that are kept at least */
  constructor(length: number) {
    this.#ring = new Int16Array(2 ** Math.ceil(Math.log2(length)));
  }

  /** Number of the next sample. */
  get position(): number {
    return this.#position;
  }

  /** Number of the first sample; all before it are zero. */
  get start(): number {
    return this.#start;
  }

  /** Forgets everything: the next sample is number `sample`. */
  restart(sample: number): void {
    this.#start = this.#position = sample;
  }

  push(samples: Int16Array): void {
    const { length } = this.#ring;
    const kept = samples.subarray(Math.max(0, samples.length - length));
    let at = this.#position + samples.length - kept.length;
    for (const sample of kept) this.#ring[at++ & (length - 1)] = sample;
    this.#position += samples.length;
  }

  /** Samples `from` to `from + length`. */
  read(from: number, length: number): Int16Array {
    const out = new Int16Array(length);
    const [first, end] = this.#there(from, from + length);
    for (let n = first; n < end; n++) out[n - from] = this.#ring[n & (this.#ring.length - 1)]!;
    return out;
  }

  /** True when no sample from `from` to before `to` is anything but zero. */
  isSilent(from: number, to: number): boolean {
    const [first, end] = this.#there(from, to);
    for (let n = first; n < end; n++) if (this.#ring[n & (this.#ring.length - 1)] !== 0) return false;
    return true;
  }

  /** The part of a stretch that is kept. */
  #there(from: number, to: number): [number, number] {
    const oldest = Math.max(this.#start, this.#position - this.#ring.length);
    return [Math.max(from, oldest), Math.min(to, this.#position)];
  }
}
