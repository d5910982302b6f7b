/**
 * A process with one voice of sherpa-onnx in it, shared by all sessions.
 *
 * One sentence at a time, by turns between utterances; a cut takes out what waits, and of what is being made nobody hears. When the process
 * ends, the sentence it worked on fails, and the others go on with a new one.
 */
import { TalkError } from '../../element/error.js';
import { SherpaProcess } from '../../sherpa/process.js';
import { FairQueue } from '../fairqueue.js';
import type { VoiceModel } from './files.js';
import type { VoiceAnswer, VoiceFacts, VoiceOrder } from './protocol.js';

/** Sentences waiting before one more is refused. */
const WAITING = 256;
/** ms for one sentence. */
const WORKING = 60_000;

export interface Sound {
  readonly samples: Int16Array;
  readonly rate: number;
}

export interface VoiceRequest {
  readonly owner: number;
  readonly text: string;
  /** From 0. */
  readonly speaker: number;
  readonly speed: number;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly request: VoiceRequest;
  readonly resolve: (sound: Sound | undefined) => void;
  readonly reject: (error: TalkError) => void;
}

export class VoiceHost {
  readonly #module: string;
  readonly #model: VoiceModel;
  readonly #waiting = new FairQueue<Waiting>(WAITING);
  #process: SherpaProcess<VoiceFacts, VoiceOrder, VoiceAnswer> | undefined;
  /** Of the model that is loaded; none before. */
  #speakers: number | undefined;
  #current: Waiting | undefined;
  #last = 0;

  constructor(module: string, model: VoiceModel) {
    this.#module = module;
    this.#model = model;
  }

  /** Its process, for those who want to know whether it has one. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** One sentence; undefined when the signal aborted before. Rejects with TalkError. */
  say(request: VoiceRequest): Promise<Sound | undefined> {
    return new Promise((resolve, reject) => {
      const { signal, owner } = request;
      if (signal.aborted) return resolve(undefined);
      const stop = (): void => {
        this.#waiting.remove(owner, waiting);
        resolve(undefined);
      };
      const done = (): void => signal.removeEventListener('abort', stop);
      const waiting: Waiting = {
        request,
        resolve: (sound) => {
          done();
          resolve(sound);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      if (!this.#waiting.push(owner, waiting)) {
        return reject(
          new TalkError('resource/busy', 'Too many sentences are waiting for the voice sherpa.', {
            retryable: true,
            details: { waiting: WAITING },
          }),
        );
      }
      signal.addEventListener('abort', stop, { once: true });
      this.#next();
      return undefined;
    });
  }

  /** Starts the process, which loads the model; what is wrong with it is told to whoever asks it to speak. */
  warm(): void {
    if (this.#process === undefined) this.#start();
  }

  /** Ends the process; what waits fails with `library/shutdown`. */
  async close(): Promise<void> {
    await this.#end(new TalkError('library/shutdown', 'The voice sherpa was closed.'), true);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    if (this.#process === undefined) {
      if (this.#waiting.size > 0) this.#start();
      return;
    }
    const speakers = this.#speakers;
    if (speakers === undefined) return;
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#process.unwatch();
      // An idle voice must not keep the program alive.
      this.#process.hold(false);
      return;
    }
    const { text, speaker, speed } = next.request;
    if (speaker >= speakers) {
      const message = `Expected a number from 0 to ${speakers - 1} as name of the voice of sherpa but received ${speaker}.`;
      next.reject(new TalkError('resource/not-found', message, { details: { speaker } }));
      this.#next();
      return;
    }
    this.#current = next;
    this.#last++;
    this.#process.hold(true);
    void this.#process.send({ do: 'say', id: this.#last, text, speaker, speed });
    this.#process.watch(WORKING);
  }

  #start(): void {
    this.#process = new SherpaProcess({
      program: new URL('./child.js', import.meta.url),
      who: 'voice sherpa',
      module: this.#module,
      config: this.#model.config,
      ready: ({ speakers }) => {
        this.#speakers = speakers;
        this.#next();
      },
      answered: (answer) => this.#answered(answer),
      lost: (error, loaded) => {
        const message = 'The voice sherpa cannot say this sentence: its process ended.';
        const reason = loaded ? new TalkError('library/failed', message, { debug: error.debug }) : error;
        void this.#end(reason, !loaded);
        this.#next();
      },
    });
  }

  #answered(answer: VoiceAnswer): void {
    const current = this.#current;
    if (current === undefined || answer.id !== this.#last) return;
    this.#current = undefined;
    if (answer.said === 'sound') current.resolve(answer);
    else
      current.reject(new TalkError('library/failed', 'The voice sherpa failed.', { debug: answer.message }));
    this.#next();
  }

  /** Ends the process. What it works on fails, and where `all`, what waits. */
  async #end(error: TalkError, all: boolean): Promise<void> {
    const ending = this.#process?.end();
    this.#current?.reject(error);
    if (all) for (let one = this.#waiting.shift(); one; one = this.#waiting.shift()) one.reject(error);
    this.#process = this.#current = this.#speakers = undefined;
    await ending;
  }
}
