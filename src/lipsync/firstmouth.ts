import type { Item } from '../element/index.js';

/** Tells the first mouth of each utterance from the others, as marks and patches leave in their order. */
export class FirstMouth {
  /** The utterance that has begun and has no mouth yet. */
  #begun = '';

  /** Id of the utterance whose first mouth this is; undefined for everything else. */
  of(item: Item): string | undefined {
    if ('event' in item) {
      if (item.name.endsWith('/utterance-start')) this.#begun = String(item.fields['id'] ?? '');
      else if (item.name.endsWith('/utterance-end')) this.#begun = '';
      return undefined;
    }
    if (item.gap === true || this.#begun === '') return undefined;
    const id = this.#begun;
    this.#begun = '';
    return id;
  }
}
