/** Keeps the engine one sentence ahead of the listener. */

import type { TalkError } from '../element/error.js';
import { BoundedQueue } from '../element/queue.js';
import { within } from './abort.js';
import { attempt } from './attempt.js';
import type { SpeechCache } from './cache.js';
import type { Chain } from './chain.js';
import type { Pause, SpeechPiece, SynthesisRequest } from './engine.js';
import type { OnFirstSound } from './firstsound.js';
import { generalHooks, isSpeakable, type TextHook } from './normalise.js';
import type { ResolvedVoice } from './registry.js';
import { type Sentence, SentenceSplitter } from './sentences.js';
import { Unread } from './unread.js';

/** Samples one sentence may have waiting before its engine is held back: 10 s at 48 kHz, under 1 MB. */
const AHEAD = 480_000;

/** A sentence that is being made. */
export interface Job {
  readonly sentence: Sentence;
  readonly pieces: BoundedQueue<SpeechPiece>;
}

/** The part of a request that concerns making sentences. */
export interface FeedRequest {
  readonly text: string | AsyncIterable<string>;
  readonly rate: number;
  readonly hooks?: readonly TextHook[];
  /** Hears once of the first sound: whose it is, and how long that engine took to it, ms. */
  readonly firstSound?: OnFirstSound;
}

let utterances = 0;

/** Makes one utterance's sentences in order, `prefetch` of them ahead of the one that is read. */
export class Feeder {
  readonly #chain: Chain;
  readonly #jobs: BoundedQueue<Job>;
  readonly #cache: SpeechCache;
  readonly #signal: AbortSignal;
  readonly #utterance = ++utterances;
  readonly #making = new Set<Promise<void>>();
  #sounded = false;
  /** What was left out of the sentences so far; complete when the last one has been handed on. */
  readonly unread = new Unread();

  /** `jobs` is where the sentences go; it is closed when the signal aborts. */
  constructor(chain: Chain, jobs: BoundedQueue<Job>, cache: SpeechCache, signal: AbortSignal) {
    this.#chain = chain;
    this.#jobs = jobs;
    this.#cache = cache;
    this.#signal = signal;
  }

  /** Resolves when all sentences are made or the signal has aborted, and nothing of them is running any more. Never rejects. */
  async run(request: FeedRequest): Promise<void> {
    const close = (): void => this.#jobs.close();
    // An abort that came while the voice was looked up is told to nobody again.
    if (this.#signal.aborted) {
      close();
      return;
    }
    this.#signal.addEventListener('abort', close, { once: true });
    try {
      // Of a text that is still being written nobody can say which sentence is the last without holding one back.
      const complete = typeof request.text === 'string';
      const sentences = this.#sentences(request);
      for await (const [sentence, last] of complete ? withLast(sentences) : withoutLast(sentences)) {
        if (!(await this.#feed(sentence, last, request))) break;
      }
      this.#jobs.end();
    } catch (error) {
      this.#jobs.fail(error);
    }
    await Promise.all(this.#making);
    this.#signal.removeEventListener('abort', close);
  }

  /** Begins a sentence and returns when the next one may begin; false when nobody wants it. */
  async #feed(sentence: Sentence, last: boolean, request: FeedRequest): Promise<boolean> {
    const pieces = new BoundedQueue<SpeechPiece>(AHEAD);
    const pause: Pause = last ? 'end' : sentence.pause;
    let begun = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const making = {
      rate: request.rate,
      utterance: this.#utterance,
      index: sentence.index,
      pause,
      signal: this.#signal,
    };
    const hooks = [...generalHooks, ...(request.hooks ?? [])];
    const written = hooks.reduce((so, hook) => hook(so), sentence.text);
    const first = (engine: string, ms: number): void => {
      if (!this.#sounded) request.firstSound?.(engine, ms);
      this.#sounded = true;
    };
    const made = this.#make(pieces, { whole: sentence.text, written }, making, { begun, first });
    this.#making.add(made);
    const wanted = await this.#jobs.push({ sentence, pieces });
    // The next request waits for this one's first sound: a server that does one thing at a time would otherwise delay it.
    await (this.#chain.current.engine.info.prefetch === 0 ? made : started);
    return wanted;
  }

  /** Has a sentence made by whoever can: as it is for voices that take it whole, after the hooks for the others. */
  async #make(
    pieces: BoundedQueue<SpeechPiece>,
    text: { readonly whole: string; readonly written: string },
    request: Omit<SynthesisRequest, 'text' | 'voice'>,
    { begun, first }: { begun: () => void; first: OnFirstSound },
  ): Promise<void> {
    const close = (): void => pieces.close();
    this.#signal.addEventListener('abort', close, { once: true });
    for (let voice: ResolvedVoice | undefined = this.#chain.current; voice !== undefined; ) {
      const { engine } = voice;
      const whole = engine.info.text === 'whole';
      let heard = 0;
      const since = performance.now();
      try {
        const read = whole ? text.whole : engine.normalise(text.written);
        if (whole || isSpeakable(read)) {
          const { voice: name, options } = voice;
          const asked = { ...request, text: read, voice: name, ...(options !== undefined && { options }) };
          for await (const piece of attempt(engine, asked, this.#cache)) {
            if (heard === 0) first(engine.name, performance.now() - since);
            begun();
            heard += piece.samples.length;
            if (!(await pieces.push(piece, piece.samples.length))) break;
          }
        }
        if (whole) this.unread.addWhole();
        else this.unread.add(text.written, (sign) => engine.leavesOut(sign));
        pieces.end();
        break;
      } catch (error) {
        voice = this.#chain.failed(voice, error as TalkError);
        if (voice === undefined) pieces.fail(error);
        // Half a sentence is not said twice: the others go on behind it.
        else if (heard > 0) {
          pieces.end();
          break;
        }
      }
    }
    begun();
    this.#signal.removeEventListener('abort', close);
  }

  async *#sentences({ text }: FeedRequest): AsyncGenerator<Sentence, void, undefined> {
    const { info } = this.#chain.current.engine;
    const whole = info.text === 'whole';
    const { firstSentence: firstMax } = info;
    const max = this.#chain.maxSentence;
    const splitter = new SentenceSplitter({
      eager: typeof text !== 'string',
      ...(max !== undefined && { max }),
      ...(firstMax !== undefined && { firstMax }),
    });
    let all = '';
    for await (const part of typeof text === 'string' ? [text] : untilAborted(text, this.#signal)) {
      if (whole) all += part;
      else yield* splitter.push(part);
    }
    if (whole) yield { index: 0, offset: 0, text: all, pause: 'sentence' };
    else yield* splitter.end();
  }
}

/** Each item with whether it is the last. */
async function* withLast<T>(items: AsyncIterable<T>): AsyncGenerator<[T, boolean], void, undefined> {
  let held: [T] | undefined;
  for await (const item of items) {
    if (held !== undefined) yield [held[0], false];
    held = [item];
  }
  if (held !== undefined) yield [held[0], true];
}

async function* withoutLast<T>(items: AsyncIterable<T>): AsyncGenerator<[T, boolean], void, undefined> {
  for await (const item of items) yield [item, false];
}

/** The parts of a text until it ends or nobody listens any more, whoever writes it. */
async function* untilAborted(parts: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await within(iterator.next(), undefined, signal);
      if (step === 'aborted' || step === 'late' || step.done === true) return;
      yield step.value;
    }
  } finally {
    // Not awaited: the writer may be in the middle of a word it never finishes.
    iterator.return?.()?.catch(() => undefined);
  }
}
