/** A small seeded generator (mulberry32): the same seed draws the same person on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    for (let i = 0; i < 4; i++) this.next(); // small seeds differ in few bits; a few steps spread them
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** Uniform between two numbers. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Around `middle`, at most `reach` away, near values likelier (mean of three). */
  around(middle: number, reach: number): number {
    return middle + reach * (((this.next() + this.next() + this.next()) * 2) / 3 - 1);
  }

  /** One of the items; pairs [item, weight] when `weights` is given. */
  pick<T>(items: readonly T[], weights?: readonly number[]): T {
    const total = weights ? weights.reduce((sum, w) => sum + w, 0) : items.length;
    let at = this.next() * total;
    for (let i = 0; i < items.length; i++) {
      at -= weights?.[i] ?? 1;
      if (at < 0) return items[i]!;
    }
    return items[items.length - 1]!;
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.next() < p;
  }
}
