/** Promises for what the bus will tell. */
import type { TalkError } from '../element/error.js';

interface Wait {
  readonly kind: string;
  readonly resolve: (outcome: string) => void;
  readonly reject: (error: TalkError) => void;
}

/** Promises by kind ("paused", "eos"), all of which end with the pipeline: nothing is left waiting. */
export class Waits {
  #waits: Wait[] = [];

  /** True while somebody would learn of an error from a promise. */
  get any(): boolean {
    return this.#waits.length > 0;
  }

  until(kind: string): Promise<string> {
    return new Promise((resolve, reject) => this.#waits.push({ kind, resolve, reject }));
  }

  /** Ends the waits for `kind` with an outcome; by default, that it came. */
  resolve(kind: string, outcome = kind): void {
    this.#take(
      (wait) => wait.kind === kind,
      (wait) => wait.resolve(outcome),
    );
  }

  /** Rejects what waits for one of `kinds`, or everything. */
  reject(error: TalkError, kinds?: readonly string[]): void {
    this.#take(
      (wait) => kinds?.includes(wait.kind) ?? true,
      (wait) => wait.reject(error),
    );
  }

  #take(chosen: (wait: Wait) => boolean, end: (wait: Wait) => void): void {
    const taken = this.#waits.filter(chosen);
    this.#waits = this.#waits.filter((wait) => !taken.includes(wait));
    for (const wait of taken) end(wait);
  }
}
