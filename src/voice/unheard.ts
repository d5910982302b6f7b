/**
 * What a cut left unsaid, kept until it is known whether the cut was meant: a cough takes the turn as a voice does, and what it
 * cut is said again then, from the sentence on that was cut.
 */
import { randomUUID } from 'node:crypto';
import type { Heard, Text } from './heard.js';
import { SentenceSplitter } from './sentences.js';
import { Written } from './written.js';

export interface Unsaid {
  /** What it is called when it is said. */
  readonly id: string;
  /** The utterance that was cut. */
  readonly of: string;
  readonly text: string;
  readonly voice: string;
}

interface Said {
  readonly text: Text;
  readonly voice: string;
  /** It is the rest of one that was cut. */
  readonly again: boolean;
}

/** Utterances since the last cut, the last few: as many as `Heard` knows. */
const REMEMBERED = 256;
/** No sentence is too long here. */
const WHOLE = { max: 1e6, firstMax: 1e6 };

export class Unheard {
  readonly #heard: Heard;
  readonly #since = new Map<string, Said>();
  #cut = '';
  #rest: readonly Unsaid[] = [];

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  /** An utterance is going to be said; what an earlier cut left is not any more. */
  add(id: string, text: Text, voice: string, again = false): void {
    this.#rest = [];
    this.#heard.add(id, text);
    this.#since.set(id, { text, voice, again });
    if (this.#since.size > REMEMBERED) this.#since.delete(this.#since.keys().next().value ?? id);
  }

  /** An utterance may be going to be said: it counts from `keep` on. */
  draft(id: string, text: Text): void {
    this.#heard.add(id, text);
  }

  keep(id: string, text: Text, voice: string): void {
    this.#rest = [];
    this.#since.set(id, { text, voice, again: false });
  }

  /** A cut, when so many samples of `last` had been heard. Before what is written is told of it. */
  cut(cut: string, last: { readonly id: string; readonly samples: number } | undefined): void {
    const said = [...this.#since];
    this.#since.clear();
    this.#cut = cut;
    const first = said.findIndex(([id]) => id === last?.id);
    this.#rest = said.slice(Math.max(0, first)).flatMap(([of, { text, voice, again }], n) => {
      const samples = first >= 0 && n === 0 ? (last?.samples ?? 0) : 0;
      const rest = complete(this.#heard.rest(of, samples), text);
      // Whatever cuts the same sentence twice will do so a third time: our own voice in the microphone, for one.
      const stuck = again && rest.length === textOf(text).length && samples > 0;
      return rest.trim() === '' || stuck ? [] : [{ id: randomUUID(), of, text: rest, voice }];
    });
  }

  /** What is to be said again after this cut: nothing when something else was said or cut since. */
  take(cut: string): readonly Unsaid[] {
    if (cut !== this.#cut) return [];
    const rest = this.#rest;
    this.#rest = [];
    return rest;
  }

  clear(): void {
    this.#heard.clear();
    this.#since.clear();
    this.#rest = [];
  }
}

const textOf = (text: Text): string => (typeof text === 'string' ? text : text.text);

/** Of what was still being written the sentences that are whole: nobody will write the rest of the last one. */
function complete(rest: string, text: Text): string {
  if (!(text instanceof Written) || text.ended) return rest;
  const last = [...new SentenceSplitter(WHOLE).push(rest)].at(-1);
  return last === undefined ? '' : rest.slice(0, last.offset + last.text.length);
}
