/**
 * Which cuts a turn knows of: the one that it made itself by taking our turn away, and the last one before it was over. A turn that
 * still waits for its words or its answer when a later cut comes is old, and whoever answers sees it by that.
 */

interface Known {
  /** The cut that this turn made. */
  made?: string;
  /** The last cut when it ended. */
  last?: string;
}

/** Turns that can be awaited at a time, and some more. */
const REMEMBERED = 32;

export class TurnCuts {
  readonly #turns = new Map<number, Known>();
  #last = '';

  /** The last cut; empty: none so far. */
  get last(): string {
    return this.#last;
  }

  /** A cut, by whomever. */
  cut(id: string): void {
    this.#last = id;
  }

  /** This turn took ours away. */
  barged(turn: number, id: string): void {
    this.#last = id;
    this.#of(turn).made = id;
  }

  /** It is over, its words are awaited. */
  ended(turn: number): void {
    this.#of(turn).last = this.#last;
  }

  /** What it knew of; forgets it. */
  take(turn: number): Known {
    const known = this.#turns.get(turn) ?? {};
    this.#turns.delete(turn);
    return known;
  }

  #of(turn: number): Known {
    const known = this.#turns.get(turn) ?? {};
    this.#turns.set(turn, known);
    for (const old of this.#turns.keys()) if (this.#turns.size > REMEMBERED) this.#turns.delete(old);
    return known;
  }
}
