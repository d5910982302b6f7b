/** What happens at a moment of an utterance, in samples of the session's rate from its first sample. */
export type SpeechMark = SentenceMark | WordMark | PhonemeMark;

/** A sentence begins. */
export interface SentenceMark {
  readonly type: 'sentence';
  readonly at: number;
  readonly index: number;
  /** As written, where in the text in UTF-16 units. */
  readonly text: string;
  readonly offset: number;
}

/** A word as written is said from `at` up to `end`. */
export interface WordMark {
  readonly type: 'word';
  readonly at: number;
  readonly end: number;
  readonly text: string;
  /** Where in the utterance's text in UTF-16 units; absent when the word could not be found in it again. */
  readonly offset?: number;
  readonly sentence: number;
}

/** A sound lasts from `at` up to `end`. The names are the engine's own (flite: CMU phones in lower case, `pau` for a pause). */
export interface PhonemeMark {
  readonly type: 'phoneme';
  readonly at: number;
  readonly end: number;
  readonly phone: string;
  readonly sentence: number;
}

/** Finds words, which come in order, in the sentence they were read from. */
export class WordFinder {
  readonly #text: string;
  readonly #offset: number;
  #from = 0;

  /** `offset`: where the sentence begins in the utterance's text. */
  constructor(text: string, offset: number) {
    this.#text = folded(text);
    this.#offset = offset;
  }

  /** The word's place in the utterance's text; undefined when it is not written like this. */
  find(word: string): number | undefined {
    const at = this.#text.indexOf(folded(word), this.#from);
    // A word far off is another one of the same spelling.
    if (at < 0 || at - this.#from > 40) return undefined;
    this.#from = at + word.length;
    return this.#offset + at;
  }
}

/** Without case and accents, unit for unit: what becomes longer that way stays as it is, so that places remain right. */
function folded(text: string): string {
  return text.replace(/\P{ASCII}|[A-Z]/gu, (char) => {
    const base = char
      .normalize('NFD')
      .replace(/\p{M}+$/u, '')
      .toLowerCase();
    return base.length === char.length ? base : char;
  });
}
