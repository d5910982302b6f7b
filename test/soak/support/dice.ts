/** Chance that can be had again: the same seed gives the same run. */
export class Dice {
  #seed: number;

  /** @param seed from 1 on */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A whole number from 0 to below `sides`. */
  roll(sides: number): number {
    // Park and Miller's, "Random number generators: good ones are hard to find" (1988).
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed % sides;
  }

  /** True once in so many. */
  once(many: number): boolean {
    return this.roll(many) === 0;
  }

  of<T>(choice: readonly T[]): T {
    return choice[this.roll(choice.length)] as T;
  }
}
