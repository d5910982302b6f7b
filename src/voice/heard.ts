/**
 * How much of an utterance was heard, in words.
 *
 * Where the voice tells its words, exact: a word counts when half of it was heard. Elsewhere within a sentence in proportion to its time,
 * down to a whole word.
 */
import type { Ns } from '../element/index.js';
import type { SpeechMark } from './marks.js';

/** The text of an utterance, growing or whole. */
export type Text = string | { readonly text: string };

/** Utterances whose end may still be ahead of the listener: the last few. */
const REMEMBERED = 256;
/** Those that whoever writes is told of, so that it learns which never arrived. */
const KNOWN = 64;

interface Word {
  /** The sample in its middle. */
  readonly middle: number;
  /** Where it ends in the text. */
  readonly end: number;
}

interface Spoken {
  readonly text: Text;
  /** Where sentences begin: sample and place in the text. */
  readonly sentences: { readonly at: number; readonly offset: number; readonly length: number }[];
  readonly words: Word[];
  /** Samples made so far. */
  made: number;
}

export class Heard {
  readonly #spoken = new Map<string, Spoken>();

  /** An utterance is going to be said, after those before. */
  add(id: string, text: Text): void {
    this.#spoken.set(id, { text, sentences: [], words: [], made: 0 });
    if (this.#spoken.size > REMEMBERED) this.#spoken.delete(this.#spoken.keys().next().value ?? id);
  }

  /** Its voice has made so many more samples, with these marks. */
  made(id: string, samples: number, marks: readonly SpeechMark[]): void {
    const spoken = this.#spoken.get(id);
    if (spoken === undefined) return;
    spoken.made += samples;
    for (const mark of marks) {
      if (mark.type === 'sentence') {
        spoken.sentences.push({ at: mark.at, offset: mark.offset, length: mark.text.length });
      } else if (mark.type === 'word' && mark.offset !== undefined) {
        spoken.words.push({ middle: (mark.at + mark.end) / 2, end: mark.offset + mark.text.length });
      }
    }
  }

  /** What was heard of `id` when so many of its samples were. */
  text(id: string, samples: number): string {
    const spoken = this.#spoken.get(id);
    if (spoken === undefined) return '';
    const text = textOf(spoken.text);
    const { sentences, words } = spoken;
    const n = sentences.findLastIndex(({ at }) => at <= samples);
    const sentence = sentences[n];
    if (sentence === undefined || samples <= 0) return '';
    const end = sentences[n + 1]?.at ?? spoken.made;
    const upTo = sentence.offset + sentence.length;
    const inside = words.filter((word) => word.end > sentence.offset && word.end <= upTo);
    if (samples >= end) return text.slice(0, upTo).trimEnd();
    if (inside.length === 0) return byTime(text, sentence, (samples - sentence.at) / (end - sentence.at));
    const last = inside.findLast(({ middle }) => middle <= samples);
    return last === undefined ? text.slice(0, sentence.offset).trimEnd() : withStop(text, last.end);
  }

  /** What is left of `id` when so many of its samples were heard, from the beginning of the sentence that was being said. */
  rest(id: string, samples: number): string {
    const spoken = this.#spoken.get(id);
    if (spoken === undefined) return '';
    const text = textOf(spoken.text);
    const sentence = spoken.sentences.findLast(({ at }) => at <= samples);
    if (sentence === undefined) return text;
    return text.slice(sentence.offset + (samples >= spoken.made ? sentence.length : 0));
  }

  /**
   * What a cut leaves of the utterances that it may have ended, [id, text heard], in order: the one that was heard last, and those behind
   * it, of which nothing was. Undefined: none has begun.
   */
  account(last: { readonly id: string; readonly samples: number } | undefined): [string, string][] {
    const ids = [...this.#spoken.keys()];
    if (last === undefined) return ids.map((id) => [id, '']);
    const at = ids.indexOf(last.id);
    if (at < 0) return [];
    return ids.slice(at).map((id, n) => [id, n === 0 ? this.text(id, last.samples) : '']);
  }

  /** The same as fields of an event, with the last utterances that were given. */
  told(last: Parameters<Heard['account']>[0]): { heard: string; known: string } {
    const known = [...this.#spoken.keys()].slice(-KNOWN);
    return { heard: JSON.stringify(this.account(last)), known: JSON.stringify(known) };
  }

  /** The fields of a message `interrupted`: what was heard of `id` until `pts`. */
  interrupted(
    { id, samples }: { readonly id: string; readonly samples: number },
    { rate }: { readonly rate: number },
    pts: Ns,
  ) {
    return { id, pts, 'heard-ms': Math.round((samples * 1000) / rate), heard: this.text(id, samples) };
  }

  /** Forgets those that can be cut no more. */
  clear(): void {
    this.#spoken.clear();
  }
}

const textOf = (text: Text): string => (typeof text === 'string' ? text : text.text);

/** Up to `end` and the signs that belong to the word there. */
function withStop(text: string, end: number): string {
  return text.slice(0, end) + (/^[^\p{L}\p{N}\s]+/u.exec(text.slice(end))?.[0] ?? '');
}

const words = new Intl.Segmenter(undefined, { granularity: 'word' });

function byTime(text: string, { offset, length }: { offset: number; length: number }, share: number): string {
  const sentence = text.slice(offset, offset + length);
  let end = 0;
  for (const { index, segment, isWordLike } of words.segment(sentence)) {
    if (!isWordLike) continue;
    if (index + segment.length / 2 > share * length) break;
    end = index + segment.length;
  }
  return end === 0 ? text.slice(0, offset).trimEnd() : withStop(text, offset + end);
}
