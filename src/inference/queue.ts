/** What the queue must know of a piece of work. */
export interface Queued {
  /** Only work of one key can share a batch. */
  readonly key: string;
  /** Moment it is wanted, in ms of `performance.now()`; Infinity when nobody waits. */
  readonly deadline: number;
  /** The largest batch it may be part of. */
  readonly batch: number;
}

/**
 * Work waiting for a worker, earliest deadline first; equal deadlines in order of arrival.
 *
 * Bounded: `add` says no when the queue is full, and the owner decides what to drop.
 */
export class DeadlineQueue<T extends Queued> {
  readonly #limit: number;
  #items: T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#items.length;
  }

  get full(): boolean {
    return this.#items.length >= this.#limit;
  }

  /** The most urgent piece of work that `fits`. */
  first(fits: (item: T) => boolean = () => true): T | undefined {
    return this.#items.find(fits);
  }

  /** Queues `item`; false when there is no room. */
  add(item: T): boolean {
    if (this.full) return false;
    const at = 1 + this.#items.findLastIndex(({ deadline }) => deadline <= item.deadline);
    this.#items.splice(at, 0, item);
    return true;
  }

  /** Takes out what `test` is true for, in order. */
  remove(test: (item: T) => boolean): T[] {
    const removed: T[] = [];
    const kept = this.#items.filter((item) => {
      const out = test(item);
      if (out) removed.push(item);
      return !out;
    });
    this.#items = kept;
    return removed;
  }

  /** Takes the work that goes along with `first`: same key, most urgent first, at most `most` and what each allows. */
  batch(first: T, most: number): T[] {
    const room = Math.min(most, first.batch);
    let taken = 0;
    return this.remove((item) => {
      if (item.key !== first.key || taken >= Math.min(room, item.batch)) return false;
      taken++;
      return true;
    });
  }
}
