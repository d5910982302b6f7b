/**
 * A process with one voice of sherpa-onnx in it, shared by all sessions.
 *
 * One sentence at a time, by turns between utterances; a cut takes out what waits, and of what is being made nobody hears. When the process
 * ends, the sentence it worked on fails, and the others go on with a new one.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TalkError } from '../../element/error.js';
import { FairQueue } from '../fairqueue.js';
import type { VoiceModel } from './files.js';
import type { VoiceAnswer, VoiceOrder } from './protocol.js';

/** Sentences waiting before one more is refused. */
const WAITING = 256;
/** ms until it is loaded; ms for one sentence. */
const PATIENCE = { loading: 120_000, working: 60_000 };
/** Characters of what it printed while it loaded. */
const LONGEST = 400;

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
  #child: ChildProcess | undefined;
  #ready = false;
  #speakers = 0;
  #current: Waiting | undefined;
  #last = 0;
  #printed = '';
  #watchdog: NodeJS.Timeout | undefined;

  constructor(module: string, model: VoiceModel) {
    this.#module = module;
    this.#model = model;
  }

  /** Its process, for those who want to know whether it has one. */
  get pid(): number | undefined {
    return this.#child?.pid;
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

  /** Ends the process; what waits fails with `library/shutdown`. */
  async close(): Promise<void> {
    await this.#end(new TalkError('library/shutdown', 'The voice sherpa was closed.'), true);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    if (this.#child === undefined) {
      if (this.#waiting.size > 0) this.#start();
      return;
    }
    if (!this.#ready) return;
    const next = this.#waiting.shift();
    if (next === undefined) {
      clearTimeout(this.#watchdog);
      this.#hold(false);
      return;
    }
    const { text, speaker, speed } = next.request;
    if (speaker >= this.#speakers) {
      const message = `Expected a number from 0 to ${this.#speakers - 1} as name of the voice of sherpa but received ${speaker}.`;
      next.reject(new TalkError('resource/not-found', message, { details: { speaker } }));
      this.#next();
      return;
    }
    this.#current = next;
    this.#last++;
    this.#order({ do: 'say', id: this.#last, text, speaker, speed });
    this.#watch(PATIENCE.working);
  }

  #start(): void {
    this.#printed = '';
    const { PATH, LD_LIBRARY_PATH } = process.env;
    const child = fork(fileURLToPath(new URL('./child.js', import.meta.url)), {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Keys of services are none of its business.
      env: { PATH, ...(LD_LIBRARY_PATH !== undefined && { LD_LIBRARY_PATH }) },
    });
    this.#child = child;
    child.stderr?.on('data', (part: Buffer) => {
      // Later it prints what it was to say.
      if (!this.#ready) this.#printed = `${this.#printed}${part}`.slice(-LONGEST);
    });
    child.on('message', (message) => {
      if (child === this.#child) this.#answered(message as VoiceAnswer);
    });
    child.on('error', (cause) => {
      if (child === this.#child) this.#lost(String(cause));
    });
    child.on('exit', (status, signal) => {
      if (child === this.#child) this.#lost(signal === null ? `status ${status}` : `signal ${signal}`);
    });
    this.#order({ do: 'load', module: this.#module, config: this.#model.config });
    this.#watch(PATIENCE.loading);
  }

  #answered(answer: VoiceAnswer): void {
    if (answer.said === 'broken') {
      void this.#end(problem(answer), true);
      return;
    }
    if (answer.said === 'ready') {
      this.#ready = true;
      this.#speakers = answer.speakers;
      this.#next();
      return;
    }
    const current = this.#current;
    if (current === undefined || answer.id !== this.#last) return;
    this.#current = undefined;
    if (answer.said === 'sound') current.resolve(answer);
    else
      current.reject(new TalkError('library/failed', 'The voice sherpa failed.', { debug: answer.message }));
    this.#next();
  }

  /** The process is of no more use. While it loads nobody else will have more luck. */
  #lost(reason: string): void {
    if (this.#ready) {
      const message = 'The voice sherpa cannot say this sentence: its process ended.';
      void this.#end(new TalkError('library/failed', message, { debug: reason }), false);
    } else {
      const debug = `${reason} ${this.#printed}`.trim();
      const message = 'The model of the voice sherpa cannot be loaded.';
      void this.#end(new TalkError('library/init', message, { debug }), true);
    }
    this.#next();
  }

  /** Ends the process. What it works on fails, and where `all`, what waits. */
  async #end(error: TalkError, all: boolean): Promise<void> {
    const child = this.#child;
    clearTimeout(this.#watchdog);
    this.#current?.reject(error);
    if (all) for (let one = this.#waiting.shift(); one; one = this.#waiting.shift()) one.reject(error);
    this.#child = this.#current = undefined;
    this.#ready = false;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.ref();
    child.stderr?.destroy();
    child.kill('SIGKILL');
    await gone;
  }

  #order(order: VoiceOrder): void {
    this.#hold(true);
    // One that has just ended tells so itself.
    this.#child?.send(order, () => undefined);
  }

  /** An idle voice must not keep the program alive. */
  #hold(busy: boolean): void {
    const child = this.#child;
    const stderr = child?.stderr as
      | (NodeJS.ReadableStream & { ref?(): void; unref?(): void })
      | null
      | undefined;
    if (busy) {
      child?.ref();
      child?.channel?.ref();
      stderr?.ref?.();
    } else {
      child?.unref();
      child?.channel?.unref();
      stderr?.unref?.();
    }
  }

  #watch(limitMs: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lost(`no answer for ${limitMs} ms`), limitMs);
    this.#watchdog.unref();
  }
}

function problem({ missing, message }: Extract<VoiceAnswer, { said: 'broken' }>): TalkError {
  return missing
    ? new TalkError(
        'core/missing-element',
        'The voice sherpa needs the npm package sherpa-onnx-node: npm install sherpa-onnx-node.',
        { debug: message, details: { missing: ['sherpa-onnx-node'] } },
      )
    : new TalkError('library/init', 'The model of the voice sherpa cannot be loaded.', { debug: message });
}
