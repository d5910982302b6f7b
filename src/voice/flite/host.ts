/**
 * The one flite thread all sessions share.
 *
 * flite is some fifty times faster than speech, so one thread serves many speakers; who waits takes turns by utterance. A cut drops what is
 * queued at once and stops the vocoder at its next piece. When the thread dies, hangs or gives up on a text, the request under
 * work fails as retryable, a new thread is started, and nobody else notices more than a pause.
 */
import { Worker } from 'node:worker_threads';
import { TalkError } from '../../element/error.js';
import { BoundedQueue } from '../../element/queue.js';
import { FairQueue } from '../fairqueue.js';
import type { FlitePiece, FliteVoice } from './synthesizer.js';
import type { FliteAnswer, FliteOrder } from './worker.js';

/** Sentences waiting before a request is refused: minutes of work. */
const WAITING = 256;
/** Milliseconds a thread may be silent: until it is ready, while it works, after it was told to stop. */
export interface Patience {
  readonly startingMs: number;
  readonly workingMs: number;
  readonly stoppingMs: number;
}
/** Bytes of program memory above which the thread is exchanged; a sentence needs some 25 MB. */
const MEMORY = 96 << 20;

/** What to say. */
export interface FliteRequest {
  readonly owner: number;
  readonly voice: FliteVoice;
  readonly text: string;
  readonly stretch: number;
  readonly signal: AbortSignal;
}

interface Order {
  readonly request: FliteRequest;
  readonly message: FliteOrder;
  /** Holds one sentence at most, so its limit is the sentence's. */
  readonly pieces: BoundedQueue<FlitePiece>;
}

/** Runs flite in a thread, started with the first request and again whenever it is lost. */
export class FliteHost {
  readonly #waiting = new FairQueue<Order>(WAITING);
  readonly #cut = new Int32Array(new SharedArrayBuffer(4));
  #worker: Worker | undefined;
  #ready = false;
  #current: Order | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #lastId = 0;
  #starts = 0;
  readonly #program: URL;
  readonly #patience: Patience;

  constructor(program = new URL('./worker.js', import.meta.url), patience: Partial<Patience> = {}) {
    this.#program = program;
    this.#patience = { startingMs: 30_000, workingMs: 10_000, stoppingMs: 1_000, ...patience };
  }

  /** Threads started so far: one, unless one was lost or exchanged. */
  get starts(): number {
    return this.#starts;
  }

  /** Says a text; ends early and quietly when the signal aborts. Throws TalkError. */
  async *say(request: FliteRequest): AsyncGenerator<FlitePiece, void, undefined> {
    if (request.signal.aborted) return;
    this.#lastId = (this.#lastId % 0x7fffffff) + 1;
    const id = this.#lastId;
    const { voice, text, stretch } = request;
    const pieces = new BoundedQueue<FlitePiece>(Number.POSITIVE_INFINITY);
    const order: Order = { request, message: { id, voice, text, stretch }, pieces };
    if (!this.#waiting.push(request.owner, order)) {
      throw new TalkError('resource/busy', 'Too many sentences are waiting for the flite voice.', {
        retryable: true,
        details: { waiting: WAITING },
      });
    }
    const cancel = (): void => this.#cancel(order);
    request.signal.addEventListener('abort', cancel, { once: true });
    this.#next();
    try {
      yield* pieces;
    } finally {
      request.signal.removeEventListener('abort', cancel);
      this.#cancel(order);
    }
  }

  /** Ends the thread; what is being said or waits fails with `library/shutdown`. */
  async close(): Promise<void> {
    const closed = new TalkError('library/shutdown', 'The flite voice was closed.');
    this.#current?.pieces.fail(closed);
    this.#failWaiting(closed);
    await this.#drop();
  }

  #failWaiting(error: TalkError): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      next.pieces.fail(error);
  }

  #cancel(order: Order): void {
    order.pieces.close();
    if (this.#waiting.remove(order.request.owner, order) || this.#current !== order) return;
    Atomics.store(this.#cut, 0, order.message.id);
    this.#watch(this.#patience.stoppingMs);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    if (this.#worker === undefined) {
      if (this.#waiting.size > 0) this.#start();
      return;
    }
    if (!this.#ready) return;
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) {
      clearTimeout(this.#watchdog);
      // An idle voice must not keep the process alive.
      this.#worker.unref();
      return;
    }
    this.#worker.ref();
    this.#worker.postMessage(this.#current.message);
    this.#watch(this.#patience.workingMs);
  }

  #start(): void {
    this.#starts++;
    this.#ready = false;
    const worker = new Worker(this.#program, {
      name: 'flite',
      // Loaders and inspectors of the main thread are none of its business and cost half a second.
      execArgv: [],
      workerData: this.#cut.buffer,
    });
    this.#worker = worker;
    worker.on('message', (message: FliteAnswer) => {
      if (worker === this.#worker) this.#answered(message);
    });
    worker.on('error', (error) => {
      if (worker === this.#worker) this.#lost(String(error));
    });
    worker.on('exit', (status) => {
      if (worker === this.#worker) this.#lost(`the thread ended with status ${status}`);
    });
    this.#watch(this.#patience.startingMs);
  }

  #answered(message: FliteAnswer): void {
    if (message.type === 'ready') {
      this.#ready = true;
      this.#next();
      return;
    }
    const order = this.#current;
    if (order === undefined || order.message.id !== message.id) return;
    if (message.type === 'gave-up') {
      this.#lost(message.reason);
    } else if (message.type === 'piece') {
      void order.pieces.push(message.piece, 0);
      if (!order.request.signal.aborted) this.#watch(this.#patience.workingMs);
    } else {
      order.pieces.end();
      this.#current = undefined;
      if (message.bytes > MEMORY) void this.#drop();
      this.#next();
    }
  }

  /** The thread is of no more use: its request fails, the others go on with a new one. */
  #lost(reason: string): void {
    const order = this.#current;
    const started = this.#ready;
    void this.#drop();
    if (started) {
      order?.pieces.fail(
        new TalkError('library/failed', 'The flite voice stopped working.', {
          retryable: true,
          debug: reason,
        }),
      );
    } else {
      // A thread that does not even start would be started for ever: everything that waits for it fails.
      this.#failWaiting(new TalkError('library/init', 'The flite voice does not start.', { debug: reason }));
    }
    this.#next();
  }

  async #drop(): Promise<void> {
    const worker = this.#worker;
    clearTimeout(this.#watchdog);
    this.#worker = this.#current = undefined;
    this.#ready = false;
    await worker?.terminate();
  }

  #watch(limitMs: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lost(`no answer for ${limitMs} ms`), limitMs);
    this.#watchdog.unref();
  }
}
