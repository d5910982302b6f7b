/** Keeps the engine one sentence ahead of the listener. */
import { within } from './abort.js';
import { attempt } from './attempt.js';
import type { SpeechCache } from './cache.js';
import type { Pause, SpeechPiece, SynthesisRequest, VoiceEngine, VoiceOptions } from './engine.js';
import { generalHooks, isSpeakable, type TextHook } from './normalise.js';
import { BoundedQueue } from './queue.js';
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
  readonly options?: VoiceOptions;
}

let utterances = 0;

/** Makes one utterance's sentences in order, `prefetch` of them ahead of the one that is read. */
export class Feeder {
  readonly #engine: VoiceEngine;
  readonly #voice: string;
  readonly #jobs: BoundedQueue<Job>;
  readonly #cache: SpeechCache;
  readonly #signal: AbortSignal;
  readonly #utterance = ++utterances;
  readonly #making = new Set<Promise<void>>();
  /** What was left out of the sentences so far; complete when the last one has been handed on. */
  readonly unread = new Unread();

  /** `jobs` is where the sentences go; it is closed when the signal aborts. */
  constructor(
    engine: VoiceEngine,
    voice: string,
    jobs: BoundedQueue<Job>,
    cache: SpeechCache,
    signal: AbortSignal,
  ) {
    this.#engine = engine;
    this.#voice = voice;
    this.#jobs = jobs;
    this.#cache = cache;
    this.#signal = signal;
  }

  /** Resolves when all sentences are made or the signal has aborted, and nothing of them is running any more. Never rejects. */
  async run(request: FeedRequest): Promise<void> {
    const close = (): void => this.#jobs.close();
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
    const text = this.#read(sentence.text, request.hooks);
    if (text === undefined) {
      pieces.end();
      return this.#jobs.push({ sentence, pieces });
    }
    const pause: Pause = last ? 'end' : sentence.pause;
    let begun = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const made = this.#make(
      pieces,
      {
        text,
        voice: this.#voice,
        rate: request.rate,
        utterance: this.#utterance,
        index: sentence.index,
        pause,
        signal: this.#signal,
        ...(request.options !== undefined && { options: request.options }),
      },
      begun,
    );
    this.#making.add(made);
    const wanted = await this.#jobs.push({ sentence, pieces });
    // The next request waits for this one's first sound: a server that does one thing at a time would otherwise delay it.
    await (this.#engine.info.prefetch === 0 ? made : started);
    return wanted;
  }

  async #make(
    pieces: BoundedQueue<SpeechPiece>,
    request: SynthesisRequest,
    begun: () => void,
  ): Promise<void> {
    const close = (): void => pieces.close();
    this.#signal.addEventListener('abort', close, { once: true });
    try {
      for await (const piece of attempt(this.#engine, request, this.#cache)) {
        begun();
        if (!(await pieces.push(piece, piece.samples.length))) break;
      }
      pieces.end();
    } catch (error) {
      pieces.fail(error);
    }
    begun();
    this.#signal.removeEventListener('abort', close);
  }

  /** What the engine reads for a sentence; undefined when that has no sound. */
  #read(text: string, hooks: readonly TextHook[] = []): string | undefined {
    if (this.#engine.info.text === 'whole') {
      this.unread.addWhole();
      return text;
    }
    const written = [...generalHooks, ...hooks].reduce((so, hook) => hook(so), text);
    this.unread.add(written, (sign) => this.#engine.leavesOut(sign));
    const read = this.#engine.normalise(written);
    return isSpeakable(read) ? read : undefined;
  }

  async *#sentences({ text }: FeedRequest): AsyncGenerator<Sentence, void, undefined> {
    const whole = this.#engine.info.text === 'whole';
    const { maxSentence: max, firstSentence: firstMax } = this.#engine.info;
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
