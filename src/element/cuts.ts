/**
 * Cuts that an element hears of by several ways (a signal, an event that overtakes the data, one in it, one from downstream) and
 * that count once.
 *
 * Two elements that have counted the same cuts agree on what is old: text that was begun by one that had counted fewer is, for the other.
 */

/** Cuts whose second or third message may still be on its way. */
const REMEMBERED = 64;

export class Cuts {
  #count = 0;
  readonly #known = new Set<string>();

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Hears of a cut; true when it is news. */
  take(id: string): boolean {
    if (this.#known.has(id)) return false;
    this.#known.add(id);
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.values().next().value ?? id);
    this.#count++;
    return true;
  }

  /** Another element has counted so many: some of them never came here. */
  catchUp(count: number): void {
    this.#count = Math.max(this.#count, count);
  }
}
