/**
 * Cuts running text into sentences while it is still arriving.
 *
 * Nothing is lost and nothing is moved: the pieces put together are the input. How the text was cut on its way in makes no difference
 * either, because a cut is decided only when everything that could change it has been seen. What stands between two sentences (spaces,
 * closing quotes, emoji) belongs to the one before.
 */
import { charAt, endsAt, IDEOGRAPH, SPACE, STOP, SURE_STOP } from './sentence-end.js';

/** Why a sentence ends where it does. */
export type SentencePause = 'sentence' | 'clause' | 'none';

/** One sentence, exactly as written. */
export interface Sentence {
  readonly index: number;
  /** Where it begins, in UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly text: string;
  readonly pause: SentencePause;
}

/** Lengths are in weighted characters: one for most, three for an ideograph, which takes about as long to say as three letters. */
export interface SentenceOptions {
  /** Longest sentence; a longer one is cut at a clause, else at a space, else between two characters. Default 300. */
  readonly max?: number;
  /** The same for the first sentence, so that the voice can begin early. Default 90. */
  readonly firstMax?: number;
  /** Leave at `。！？!?` and at a blank line without waiting to see whether a closing quote follows. For text that arrives slowly. */
  readonly eager?: boolean;
}

const CLAUSE = /[,;:，、；：،؛—–]/u;
const LETTER = /[\p{L}\p{N}]/u;
/** Not the start of a character as people see it: marks, joiners, selectors, skin tones. */
const JOINED = /\p{M}|\u200c|\u200d|\p{Emoji_Modifier}/u;
/** Smallest part of a sentence that is worth its own breath. */
const MIN_CLAUSE = 12;

/** Cuts text that arrives in parts. */
export class SentenceSplitter {
  readonly #max: number;
  readonly #firstMax: number;
  readonly #eager: boolean;
  #text = '';
  #offset = 0;
  #index = 0;

  constructor(options: SentenceOptions = {}) {
    this.#max = Math.max(MIN_CLAUSE, options.max ?? 300);
    this.#firstMax = Math.max(MIN_CLAUSE, Math.min(options.firstMax ?? 90, this.#max));
    this.#eager = options.eager ?? false;
  }

  /** Takes more text and gives the sentences that are certain now. */
  *push(text: string): Generator<Sentence> {
    // In small steps, so that a sentence found early does not wait behind a search through a book.
    for (let at = 0; at < text.length; at += 1024) {
      this.#text += text.slice(at, at + 1024);
      yield* this.#take(false);
    }
  }

  /** The text is complete: gives the rest. */
  *end(): Generator<Sentence> {
    yield* this.#take(true);
    this.#offset = this.#index = 0;
  }

  *#take(final: boolean): Generator<Sentence> {
    while (this.#text.length > 0) {
      // Half a pair of surrogates is not a character yet.
      const half = !final && /[\ud800-\udbff]$/.test(this.#text);
      const known = half ? this.#text.slice(0, -1) : this.#text;
      const found = findCut(known, final, this.#index === 0 ? this.#firstMax : this.#max, this.#eager);
      if (found === undefined) return;
      const text = this.#text.slice(0, found.at);
      this.#text = this.#text.slice(found.at);
      yield { index: this.#index++, offset: this.#offset, text, pause: found.pause };
      this.#offset += found.at;
    }
  }
}

/** Cuts a whole text. */
export function* splitSentences(text: string, options: SentenceOptions = {}): Generator<Sentence> {
  const splitter = new SentenceSplitter(options);
  yield* splitter.push(text);
  yield* splitter.end();
}

interface Cut {
  readonly at: number;
  readonly pause: SentencePause;
}

/** Where the first sentence of `text` ends; undefined when more text could change the answer. */
function findCut(text: string, final: boolean, max: number, eager: boolean): Cut | undefined {
  let weight = 0;
  let clause = 0;
  let space = 0;
  let spoken = false;
  let previous = '';
  for (let at = 0; at < text.length; ) {
    const char = charAt(text, at);
    const next = at + char.length;
    // What joins on to this character may be still on its way.
    if (next >= text.length && !final && !(eager && SURE_STOP.test(char))) return undefined;
    spoken ||= LETTER.test(char);
    // A run of stops is judged once, at its first.
    if (spoken && ((STOP.test(char) && !STOP.test(previous)) || char === '\n')) {
      const after = endsAt(text, at, next, final, eager);
      if (after === undefined) return undefined;
      if (after > 0) return { at: after, pause: 'sentence' };
    }
    weight += IDEOGRAPH.test(char) ? 3 : 1;
    if (weight > max && spoken) {
      if (clause > 0) return { at: clause, pause: 'clause' };
      if (space > 0) return { at: space, pause: 'none' };
      if (at > 0 && !JOINED.test(char) && !text.slice(0, at).endsWith('\u200d')) return { at, pause: 'none' };
    }
    // A book of symbols without a single letter is let go as it comes: it must not grow the buffer.
    if (weight > 4 * max && at > 0) return { at, pause: 'none' };
    const following = charAt(text, next);
    if (CLAUSE.test(char) && weight >= MIN_CLAUSE && spoken) {
      const wide = IDEOGRAPH.test(following) || char > '\u2fff';
      if (wide || SPACE.test(following)) clause = next + (SPACE.test(following) ? following.length : 0);
    } else if (SPACE.test(char) && spoken && !SPACE.test(following) && next !== clause) {
      space = next;
    }
    previous = char;
    at = next;
  }
  return final ? { at: text.length, pause: 'sentence' } : undefined;
}
