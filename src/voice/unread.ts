/**
 * What a voice left out of a text because it has no sound for it, and the sentence that says so. Letters are counted
 * and named by their script; what people wrote stands in no message.
 */
import { TalkError } from '../element/error.js';
import { list } from './names.js';

/** Scripts by the names people know; what is in none of them is "other". */
const SCRIPTS = [
  'Arabic',
  'Armenian',
  'Bengali',
  'Cyrillic',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Greek',
  'Han',
  'Hangul',
  'Hebrew',
  'Hiragana',
  'Katakana',
  'Khmer',
  'Latin',
  'Tamil',
  'Telugu',
  'Thai',
].map((name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, 'u') }));

const SIGN = /[\p{L}\p{N}]/gu;

/** What is known of the texts of one utterance: of its letters and digits, how many were read and what the others are. */
export class Unread {
  #read = 0;
  #left = 0;
  readonly #scripts = new Set<string>();

  /** A text is read; `leaves` says of a letter or digit whether it is left out. */
  add(text: string, leaves: (sign: string) => boolean): void {
    for (const [sign] of text.matchAll(SIGN)) {
      if (!leaves(sign)) {
        this.#read++;
        continue;
      }
      this.#left++;
      this.#scripts.add(SCRIPTS.find(({ pattern }) => pattern.test(sign))?.name ?? 'other');
    }
  }

  /** A text is handed to an engine that makes what it likes of it, pictures included. */
  addWhole(): void {
    this.#read++;
  }

  /** The error for a text of which nothing could be said, if nothing could. `voice` is `ENGINE/NAME`, `reads` what it reads. */
  failure(voice: string, reads: string | undefined): TalkError | undefined {
    if (this.#read > 0) return undefined;
    if (this.#left === 0) {
      return new TalkError(
        'stream/wrong-type',
        `There is no letter and no digit in the text for ${voice} to say.`,
      );
    }
    const message = `The voice ${voice} can say nothing of this text: ${this.#facts(reads)}`;
    return new TalkError('stream/wrong-type', message, { details: this.#details(voice) });
  }

  /** The warning for a text of which a part was left out, if one was. */
  warning(voice: string, reads: string | undefined): TalkError | undefined {
    if (this.#left === 0 || this.#read === 0) return undefined;
    const part = `${this.#left} of ${this.#left + this.#read} letters and digits`;
    const message = `The voice ${voice} left out ${part}: ${this.#facts(reads)}`;
    return new TalkError('stream/wrong-type', message, { details: this.#details(voice) });
  }

  #facts(reads = 'other letters'): string {
    const scripts = list([...this.#scripts].sort(), 'and');
    return `it reads ${reads}, and these are ${scripts}. "talkgraph voices" lists who else can speak.`;
  }

  #details(voice: string): Record<string, unknown> {
    return { voice, left: this.#left, scripts: [...this.#scripts].sort().join(' ') };
  }
}
