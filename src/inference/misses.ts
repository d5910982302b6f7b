/** After a warning of missed frames the next one waits this long. */
const QUIET_MS = 5000;

/** Tells of missed work; the log hears of the first and then now and then: a busy machine needs no more work. */
export class Misses {
  #quietUntil = 0;
  readonly #warn: (fields: Record<string, unknown>) => void;

  /** @param warn writes a line to the log */
  constructor(warn: (fields: Record<string, unknown>) => void) {
    this.#warn = warn;
  }

  /** One more, the `missed`th of them. */
  add(missed: number, reason: string): void {
    const now = performance.now();
    if (now < this.#quietUntil) return;
    this.#quietUntil = now + QUIET_MS;
    this.#warn({ missed, reason });
  }
}
