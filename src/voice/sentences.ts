/**
 * Cuts running text into sentences while it is still arriving.
 *
 * Nothing is lost and nothing is moved: the pieces put together are the input. How the text was cut on its way in makes no difference
 * either, because a cut is decided only when everything that could change it has been seen. What stands between two sentences (spaces,
 * closing quotes, emoji) belongs to the one before.
 */
import { LEADING, TRAILING } from './abbreviations.js';

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
  /** Leave at `。！？!?` without waiting to see whether a closing quote follows. For text that arrives slowly. */
  readonly eager?: boolean;
}

const STOP = /[.。．｡!！?？…‥‽⁈⁉‼؟۔।॥።፧។၊။]/u;
/** Stops that mean it: no number, abbreviation or address contains them. */
const SURE_STOP = /[。．｡！？؟۔।॥።፧។။!?‽⁈⁉‼]/u;
const CLOSER = /["'”’»›)\]}」』）】》〉〕］｝〗〙〛]/u;
const CLAUSE = /[,;:，、；：،؛—–]/u;
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const SPACE = /\s/u;
const LETTER = /[\p{L}\p{N}]/u;
const PICTURE = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\u20e3/u;
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

/** The end of the sentence that the stop at `at` closes; 0 when it closes none, undefined when more text must be seen. */
function endsAt(text: string, at: number, next: number, final: boolean, eager: boolean): number | undefined {
  const first = charAt(text, at);
  if (first === '\n') return lineEnd(text, next, final);
  let after = next;
  let dots = first === '.' || first === '…' ? 1 : 0;
  let sure = SURE_STOP.test(first);
  let closed = false;
  for (let char = charAt(text, after); char !== ''; char = charAt(text, after)) {
    if (STOP.test(char) && !closed) {
      dots += char === '.' || char === '…' ? 1 : 0;
      sure ||= SURE_STOP.test(char);
    } else if (CLOSER.test(char)) closed = true;
    else break;
    after += char.length;
  }
  if (after >= text.length && !final) return eager && sure ? after : undefined;
  const gap = after;
  while (after < text.length && (SPACE.test(text[after]!) || PICTURE.test(charAt(text, after)))) {
    // A blank line belongs to the sentence before it, like any space.
    after += charAt(text, after).length;
  }
  if (after >= text.length) return final ? after : eager && sure ? after : undefined;
  const following = charAt(text, after);
  const spaced = after > gap;
  if (first === '．' && /\d/.test(following) && !spaced) return 0;
  if (closed && /\p{Ll}/u.test(following)) return 0;
  const plain = !sure && dots === 1 && first !== '…';
  if (plain) {
    if (!spaced && !closed && !IDEOGRAPH.test(following)) return 0;
    return stopIsAbbreviation(text, at, following) ? 0 : after;
  }
  if (!spaced && !closed && first < '\u0600' && /[\p{L}\p{N}]/u.test(following) && !IDEOGRAPH.test(following))
    return 0;
  // “What?” he asked. Well... maybe. 我……不知道。
  if (!sure && /\p{Ll}/u.test(following)) return 0;
  if (!sure && !spaced && IDEOGRAPH.test(following)) return 0;
  return after;
}

/** A blank line ends a paragraph, and so a sentence; one line break is only a space. */
function lineEnd(text: string, next: number, final: boolean): number | undefined {
  let after = next;
  let breaks = 1;
  while (after < text.length && SPACE.test(text[after]!)) breaks += text[after++] === '\n' ? 1 : 0;
  if (after >= text.length && !final) return undefined;
  return breaks > 1 ? after : 0;
}

/** Whether the full stop at `at` belongs to the word before it. */
function stopIsAbbreviation(text: string, at: number, following: string): boolean {
  let from = at;
  while (from > 0 && /[\p{L}\p{N}\p{M}.-]/u.test(text[from - 1]!)) from--;
  const word = text.slice(from, at);
  const lower = word.toLowerCase().replace(/^[.-]+/, '');
  if (LEADING.has(lower)) return true;
  // An initial: J. Smith. But "so did I. Then".
  if (/^\p{Lu}$/u.test(word) && word !== 'I' && /\p{Lu}/u.test(following)) return true;
  // 1. First point; a year at the end of a sentence is no list number.
  if (/^\d{1,2}$/.test(word) && /^\s*$/.test(text.slice(Math.max(0, text.lastIndexOf('\n', at) + 1), from)))
    return true;
  return (TRAILING.has(lower) || /\p{L}\.\p{L}/u.test(word)) && !/[\p{Lu}\p{Lo}"“‘'(«¿¡]/u.test(following);
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}
