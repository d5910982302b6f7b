/**
 * One after the other, each in its own turn of the event loop, so that what comes in between (packets of those who watch, above all)
 * waits for one of them and never for all. How many may wait is for those who come to say: each sink lets in `maxConnecting`.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is its turn. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(() => this.#next());
    });
  }

  #next(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}
