/** Who may run now: so many at once, the others wait and take turns by utterance. */
import { FairQueue } from '../fairqueue.js';

/** `unwanted`: the signal aborted before; `full`: too many wait; `closed`: all that waited were sent away. */
export type Turn = 'mine' | 'unwanted' | 'full' | 'closed';

interface Waiting {
  readonly go: (turn: Turn) => void;
}

export class Turns {
  readonly #waiting: FairQueue<Waiting>;
  #free: number;

  /** `places`: at once; `longest`: how many may wait for one. */
  constructor(places: number, longest: number) {
    this.#free = places;
    this.#waiting = new FairQueue(longest);
  }

  /** Waits for a place, which is `mine` until `leave` is called. */
  async take(owner: number, signal: AbortSignal): Promise<Turn> {
    if (signal.aborted) return 'unwanted';
    if (this.#free > 0) {
      this.#free--;
      return 'mine';
    }
    let go = (_turn: Turn): void => undefined;
    const turn = new Promise<Turn>((resolve) => {
      go = resolve;
    });
    const waiting: Waiting = { go };
    if (!this.#waiting.push(owner, waiting)) return 'full';
    const stop = (): void => {
      if (this.#waiting.remove(owner, waiting)) go('unwanted');
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await turn;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** The place is free for the next one. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next.go('mine');
  }

  /** Sends away all that wait. */
  clear(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      next.go('closed');
  }
}
