/**
 * Key frame requests of all viewers of one encoder, at most one per interval.
 *
 * A key frame costs ten times an ordinary frame, and a burst loss makes every viewer ask at once. The first request
 * goes through immediately. Those that follow within the interval become one request at its end: they may be about
 * the very key frame that was just sent and lost.
 */
export class KeyFrameRequests {
  readonly #request: () => void;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #pending = false;
  #closed = false;
  /** Requests that came in, and those that went through. */
  readonly counts = { asked: 0, made: 0 };

  /** @param request asks the encoder; called at most once per `intervalMs` */
  constructor(request: () => void, intervalMs = 300) {
    this.#request = request;
    this.#intervalMs = intervalMs;
  }

  /** @returns false where nothing comes of it that would not come without */
  ask(): boolean {
    if (this.#closed) return false;
    this.counts.asked++;
    if (this.#timer === undefined) this.#make();
    else if (this.#pending) return false;
    else this.#pending = true;
    return true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #make(): void {
    this.counts.made++;
    this.#pending = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#pending) this.#make();
    }, this.#intervalMs);
    this.#request();
  }
}
