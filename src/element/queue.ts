/**
 * A bounded queue between one writer and one reader, weighed in units the user names (samples, sentences).
 *
 * When full the writer waits. `close()` drops what is queued and wakes both sides at once: that is what makes a cut take
 * microseconds instead of a round trip to the engine.
 */
export class BoundedQueue<T> implements AsyncIterable<T> {
  readonly #limit: number;
  readonly #items: { value: T; weight: number }[] = [];
  #weight = 0;
  #state: 'open' | 'ended' | 'closed' = 'open';
  #error: { reason: unknown } | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** `limit`: the sum of weights above which `push` waits. One item is always taken, however heavy. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** So much waits that a writer should. */
  get full(): boolean {
    return this.#weight >= this.#limit;
  }

  /** Adds an item and resolves when there is room for the next: true, or false when the reader has gone and the rest is unwanted. */
  async push(value: T, weight = 1): Promise<boolean> {
    if (this.#state !== 'open') return false;
    this.#items.push({ value, weight });
    this.#weight += weight;
    this.#wakeReader?.();
    while (this.#state === 'open' && this.full) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
    }
    return this.#state === 'open';
  }

  /** No more items; the reader still gets what is queued. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wake();
  }

  /** The reader gets what is queued, then this error. */
  fail(reason: unknown): void {
    if (this.#state !== 'open') return;
    this.#error = { reason };
    this.end();
  }

  /** The reader has gone: drops everything, and both sides end now. */
  close(): void {
    this.#state = 'closed';
    this.#items.length = 0;
    this.#weight = 0;
    this.#error = undefined;
    this.#wake();
  }

  /** Takes the next item, waiting for it; undefined when there is none any more. Throws what `fail` was given. */
  async shift(): Promise<T | undefined> {
    while (this.#items.length === 0 && this.#state === 'open') {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    const item = this.#items.shift();
    if (item !== undefined) {
      this.#weight -= item.weight;
      if (this.#weight < this.#limit) this.#wakeWriter?.();
      return item.value;
    }
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error.reason;
    return undefined;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let item = await this.shift(); item !== undefined; item = await this.shift()) yield item;
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
}
