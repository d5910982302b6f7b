/**
 * Drafts: what is made ready before it is certain that it is wanted, as an answer to somebody who may only have paused.
 *
 * A draft has the id of the turn it answers. Whoever began it says later that it is kept or dropped, by an event that overtakes
 * everything: so an element may hear of the end of a draft before it hears of the draft.
 */

/** Drafts whose end may still be on its way, or come before they do. */
const REMEMBERED = 16;

export class Draft {
  /** True: it counts. False: nothing of it does. Undefined: that is not known yet. */
  kept: boolean | undefined;
  /** Resolves with the same when it is known. */
  readonly settled: Promise<boolean>;
  /** Aborts when it is dropped. */
  readonly signal: AbortSignal;
  readonly #abort = new AbortController();
  #resolve!: (kept: boolean) => void;

  constructor() {
    this.signal = this.#abort.signal;
    this.settled = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Says what becomes of it, once: what was said first holds. */
  settle(kept: boolean): void {
    if (this.kept !== undefined) return;
    this.kept = kept;
    if (!kept) this.#abort.abort();
    this.#resolve(kept);
  }
}

export class Drafts {
  readonly #known = new Map<string, Draft>();

  /** The draft of this id, whether its beginning or its end is heard of first. One that is forgotten counts as dropped. */
  of(id: string): Draft {
    const known = this.#known.get(id) ?? new Draft();
    this.#known.set(id, known);
    for (const [old, draft] of this.#known) {
      if (this.#known.size <= REMEMBERED) break;
      draft.settle(false);
      this.#known.delete(old);
    }
    return known;
  }

  /** Takes an event `draft-kept` or `draft-dropped` {id}; undefined where it is another. */
  event(name: string, fields: Readonly<Record<string, unknown>>): { id: string; kept: boolean } | undefined {
    const kept = name === 'talkgraph/draft-kept';
    if (!kept && name !== 'talkgraph/draft-dropped') return undefined;
    const id = String(fields['id'] ?? '');
    this.of(id).settle(kept);
    return { id, kept };
  }
}
