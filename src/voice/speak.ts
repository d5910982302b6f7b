/**
 * Text in, sound at the session's rate out, as it is made.
 *
 *     text ─► sentences ─► hooks ─► engine (sentence n, and n+1 ahead) ─► one resampler ─► pieces of 20 to 200 ms with marks
 *
 * Every queue between is bounded: text is cut no faster than it is said, an engine that runs ahead waits, and nothing is held but what
 * is about to be heard. An abort or a `return()` ends the iteration within the turn of the event loop it happens in; the engine is told in
 * the same turn. Being cut is no error: the iteration just ends.
 */

import type { TalkError } from '../element/error.js';
import { BoundedQueue } from '../element/queue.js';
import { SpeechCache } from './cache.js';
import { Chain, type Fallback } from './chain.js';
import type { SpeechPiece, VoiceOptions } from './engine.js';
import { Feeder, type Job } from './feeder.js';
import type { OnFirstSound } from './firstsound.js';
import { Leveller } from './loudness.js';
import type { SpeechMark } from './marks.js';
import type { TextHook } from './normalise.js';
import { type ResolvedVoice, resolveVoices } from './registry.js';
import type { Sentence } from './sentences.js';
import { Soundtrack } from './soundtrack.js';
import { shareOptions } from './voice-options.js';

/** What to say, and how. */
export interface SpeakRequest {
  /** The whole text, or its parts as they are written. */
  readonly text: string | AsyncIterable<string>;
  /**
   * `engine/name`, an engine, a name in the default engine; several with commas between, where each goes on when the one before
   * it fails; or voices already resolved. Default `flite/slt`.
   */
  readonly voice?: string | ResolvedVoice | readonly ResolvedVoice[];
  /** Hears of each voice that failed where another goes on. */
  readonly fellBack?: (fallback: Fallback) => void;
  /** Hears once of the first sound: whose it is, and how long that engine took to it, ms. */
  readonly firstSound?: OnFirstSound;
  /** Samples per second wanted. */
  readonly rate: number;
  /** RMS that speech is brought to, dB of full scale; as the voice makes it when it is left out. */
  readonly loudness?: number;
  readonly signal?: AbortSignal;
  /** Run after the general hooks and before the engine's own. */
  readonly hooks?: readonly TextHook[];
  /** Set for whichever of the voices has it, before what their names say. Refused where none has. */
  readonly options?: VoiceOptions;
}

/** Consecutive samples of an utterance. */
export interface SpeechChunk {
  /** Mono. Read only: equal sentences may share them. */
  readonly samples: Int16Array;
  readonly rate: number;
  /** Samples of the utterance before this chunk. */
  readonly at: number;
  /** Marks that became known; each comes at the latest with the chunk that holds its moment, often long before. */
  readonly marks: readonly SpeechMark[];
}

/** A sentence of an utterance, known from the moment its turn comes. */
export interface SpokenSentence extends Sentence {
  /** Its first sample. */
  readonly start: number;
  /** The sample after its last; undefined while it is being said. Equal to `start` when there was nothing to say. */
  readonly end: number | undefined;
}

const cache = new SpeechCache(32 << 20);

/** Forgets all sound kept from earlier requests. */
export function clearSpeechCache(): void {
  cache.clear();
}

/** Says a text. Throws TalkError from the iteration when the voice is unknown or fails for good; what was made before is delivered first. */
export function speak(request: SpeakRequest): Speech {
  return new Speech(request);
}

/** An utterance while it is being made: iterate it once. */
export class Speech implements AsyncIterableIterator<SpeechChunk> {
  readonly #sentences: SpokenSentence[] = [];
  readonly #cancel = new AbortController();
  readonly #chunks: AsyncGenerator<SpeechChunk, void, undefined>;
  #failure: TalkError | undefined;
  #warning: TalkError | undefined;

  constructor(request: SpeakRequest) {
    if (!Number.isSafeInteger(request.rate) || request.rate < 1) {
      throw new TypeError(
        `Expected a whole number of samples per second for rate but received ${request.rate}.`,
      );
    }
    const chunks = this.#run(request);
    this.#chunks = request.loudness === undefined ? chunks : levelled(chunks, request.rate, request.loudness);
  }

  /** The sentences whose turn has come, in order. */
  get sentences(): readonly SpokenSentence[] {
    return this.#sentences;
  }

  /** Why nothing of the text could be said, once it has been said to its end. The iteration itself ends without a word. */
  get failure(): TalkError | undefined {
    return this.#failure;
  }

  /** What was left out of the text, once it has been said to its end. */
  get warning(): TalkError | undefined {
    return this.#warning;
  }

  next(): Promise<IteratorResult<SpeechChunk, void>> {
    return this.#chunks.next();
  }

  /** Ends the utterance now, also while a `next()` is waiting. */
  return(): Promise<IteratorResult<SpeechChunk, void>> {
    this.#cancel.abort();
    return this.#chunks.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *#run(request: SpeakRequest): AsyncGenerator<SpeechChunk, void, undefined> {
    const cancel = this.#cancel;
    const stop = (): void => cancel.abort();
    if (request.signal?.aborted === true) return;
    request.signal?.addEventListener('abort', stop, { once: true });
    const work: Promise<void>[] = [];
    try {
      const wanted = request.voice;
      const found = typeof wanted === 'object' ? [wanted].flat() : await resolveVoices(wanted);
      const voices = withOptions(found, request.options);
      const chain = new Chain(voices, request.fellBack);
      const jobs = new BoundedQueue<Job>(Math.max(1, chain.current.engine.info.prefetch ?? 1));
      const feeder = new Feeder(chain, jobs, cache, cancel.signal);
      work.push(feeder.run(request));
      const track = new Soundtrack(request.rate);
      for await (const { sentence, pieces } of jobs) {
        const at = this.#sentences.push({ ...sentence, start: track.position, end: undefined }) - 1;
        track.begin(sentence);
        yield* this.#say(track, pieces);
        if (cancel.signal.aborted) return;
        this.#sentences[at] = { ...this.#sentences[at]!, end: track.position };
      }
      if (cancel.signal.aborted) return;
      yield* track.end();
      const { name, engine } = chain.current;
      this.#failure = feeder.unread.failure(name, engine.info.reads);
      this.#warning = feeder.unread.warning(name, engine.info.reads);
    } finally {
      request.signal?.removeEventListener('abort', stop);
      cancel.abort();
      await Promise.all(work);
    }
  }

  /** One sentence. When its engine fails, what it had made is delivered before the error. */
  async *#say(
    track: Soundtrack,
    pieces: AsyncIterable<SpeechPiece>,
  ): AsyncGenerator<SpeechChunk, void, undefined> {
    const { signal } = this.#cancel;
    try {
      for await (const piece of pieces) {
        for (const chunk of track.take(piece)) {
          if (signal.aborted) return;
          yield chunk;
        }
      }
    } catch (error) {
      yield* track.end();
      throw error;
    }
  }
}

/** Voices with what this request sets for them. */
function withOptions(voices: readonly ResolvedVoice[], given: VoiceOptions = {}): readonly ResolvedVoice[] {
  if (Object.keys(given).length === 0) return voices;
  const infos = voices.map(({ engine }) => engine.info);
  const shared = shareOptions(infos, given);
  return voices.map((voice, n) => ({ ...voice, options: { ...voice.options, ...shared[n] } }));
}

/** The same chunks at one loudness. */
async function* levelled(
  chunks: AsyncIterable<SpeechChunk>,
  rate: number,
  target: number,
): AsyncGenerator<SpeechChunk, void, undefined> {
  const leveller = new Leveller(rate, target);
  for await (const chunk of chunks) yield { ...chunk, samples: leveller.take(chunk.samples) };
}
