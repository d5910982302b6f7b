import { Worker } from 'node:worker_threads';
import { frontDoor } from './door.js';
import type { Answer, Order } from './protocol.js';

type Done = Exclude<Answer, { done: 'failed' }>;
/** An order without its number. */
export type Work = Omit<Extract<Order, { do: 'load' }>, 'id'> | Omit<Extract<Order, { do: 'run' }>, 'id'>;

interface Pending {
  readonly resolve: (answer: Done) => void;
  readonly reject: (error: Error) => void;
}

/** The thread ended while it had work. */
export class ThreadDied extends Error {}

/** One inference thread: orders in, answers out, in order. */
export class Thread {
  /** Models that are loaded in it. */
  readonly keys = new Set<string>();
  /** Rows done since it was started; 0 means it never got anywhere. */
  served = 0;

  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exit: Promise<void>;
  readonly #front = frontDoor();
  #lastId = 0;
  #ended = false;

  readonly #rested: () => void;

  /**
   * @param died called once, when the thread ends without having been asked to
   * @param rested called when it has done all it was ordered
   */
  constructor(died: (thread: Thread, why: Error) => void, rested: () => void = () => undefined) {
    this.#rested = rested;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: this.#front.door.shared,
      // Not the process's own: its --input-type is for its own program.
      execArgv: [],
    });
    // A pool that nobody waits for must not keep the process alive.
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#answered(answer));
    let why: unknown;
    this.#worker.on('error', (error) => {
      why = error;
    });
    this.#exit = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#front.ended();
        resolve();
        if (this.#ended) return;
        this.#ended = true;
        const error = new ThreadDied(why instanceof Error ? why.message : `ended with code ${code}`, {
          cause: why,
        });
        for (const { reject } of this.#pending.values()) reject(error);
        this.#pending.clear();
        died(this, error);
      });
    });
  }

  /** Nothing is under way in it. */
  get idle(): boolean {
    return !this.#ended && this.#pending.size === 0;
  }

  /** Gives an order. Rejects with what the worker says, or with ThreadDied. */
  order(work: Extract<Work, { do: 'load' }>): Promise<Extract<Answer, { done: 'load' }>>;
  order(
    work: Extract<Work, { do: 'run' }>,
    transfer: ArrayBuffer[],
  ): Promise<Extract<Answer, { done: 'run' }>>;
  order(work: Work, transfer: ArrayBuffer[] = []): Promise<Done> {
    if (this.#ended) return Promise.reject(new ThreadDied('has ended'));
    const id = ++this.#lastId;
    this.#worker.ref();
    return new Promise<Done>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ ...work, id }, transfer);
    });
  }

  /** Has it let go of a model, behind what it was ordered before. */
  drop(key: string): void {
    if (!this.keys.delete(key) || this.#ended) return;
    this.#worker.postMessage({ do: 'drop', key } satisfies Order);
  }

  /**
   * Ends it: pending orders reject at once, a run under way is waited for `patience` ms. One that takes longer is left to
   * itself, as nothing may end it from outside: its thread ends behind it.
   */
  async close(patience = 2_000): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      for (const { reject } of this.#pending.values()) reject(new ThreadDied('was closed'));
      this.#pending.clear();
      this.#worker.ref();
      this.#worker.postMessage({ do: 'close' } satisfies Order);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([this.#exit, late]);
    clearTimeout(timer);
    if (this.#front.door.busy) this.#worker.unref();
    else await this.#worker.terminate();
  }

  /** Kills it as an accident would; for tests. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  #answered(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if (answer.done === 'failed') pending.reject(new Error(answer.message));
    else pending.resolve(answer);
    // Behind what the answer is for.
    if (this.#pending.size === 0) queueMicrotask(this.#rested);
  }
}
