/**
 * Voices in the order in which they are asked: where one cannot speak, the next one does.
 *
 * An utterance goes on with the voice that said its last sentence; it does not go back. One that failed is left alone for a
 * while by all utterances that have another, so that not every one of them waits for it first.
 */
import type { TalkError } from '../element/error.js';
import type { ResolvedVoice } from './registry.js';

/** That a voice failed, and another one goes on. */
export interface Fallback {
  /** `ENGINE/NAME`. */
  readonly from: string;
  readonly to: string;
  readonly error: TalkError;
}

/** ms for which a voice that failed is not asked, unless its service said how long. */
const REST = 30_000;
const LONGEST_REST = 600_000;

/** When those that failed are asked again, by `ENGINE/NAME`; ms of `performance.now`. */
const resting = new Map<string, number>();

/** All voices are asked again. */
export function forgetFailures(): void {
  resting.clear();
}

export class Chain {
  readonly #voices: readonly ResolvedVoice[];
  readonly #tell: (fallback: Fallback) => void;
  #at: number;

  /** `tell` hears of each change. Throws a TypeError when there is no voice. */
  constructor(voices: readonly ResolvedVoice[], tell: (fallback: Fallback) => void = () => undefined) {
    if (voices.length === 0) throw new TypeError('Expected at least one voice but received none.');
    this.#voices = voices;
    this.#tell = tell;
    const now = performance.now();
    const first = voices.findIndex(({ name }) => (resting.get(name) ?? 0) <= now);
    this.#at = Math.max(0, first);
  }

  /** Who speaks now. */
  get current(): ResolvedVoice {
    return this.#voices[this.#at]!;
  }

  /** The longest sentence that all of them take, weighted characters; undefined where none says. */
  get maxSentence(): number | undefined {
    const limits = this.#voices.flatMap(({ engine }) => engine.info.maxSentence ?? []);
    return limits.length === 0 ? undefined : Math.min(...limits);
  }

  /** A voice failed. Answers who goes on: another one, or undefined when nobody is left. */
  failed(voice: ResolvedVoice, error: TalkError): ResolvedVoice | undefined {
    if (this.#voices.length === 1) return undefined;
    const asked = Number(error.details['retryAfterMs'] ?? REST);
    resting.set(voice.name, performance.now() + Math.min(asked, LONGEST_REST));
    const at = this.#voices.indexOf(voice);
    // Sentences are made ahead: one that was asked before the change fails alone.
    if (at < this.#at) return this.current;
    if (at + 1 >= this.#voices.length) return undefined;
    this.#at = at + 1;
    this.#tell({ from: voice.name, to: this.current.name, error });
    return this.current;
  }
}
