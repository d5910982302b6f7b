import { availableParallelism } from 'node:os';
import { TalkError } from '../element/error.js';
import { Backlog, type Job } from './backlog.js';
import type {
  EngineCounts,
  InferenceEngine,
  InferenceRequest,
  InferenceResult,
  LoadedModel,
  LoadOptions,
} from './engine.js';
import { Watched } from './loading.js';
import type { Manifest } from './manifest.js';
import { PooledModel } from './model.js';
import type { Net } from './net.js';
import { Thread, ThreadDied } from './thread.js';
import { verifyWeights } from './weights.js';

/** Sizes of a pool. */
export interface PoolOptions {
  /** Threads; default the cores, at most 8, or TALKGRAPH_INFERENCE_WORKERS. Each has its own copy of the weights. */
  readonly workers?: number;
  /** Rows that may wait. */
  readonly queue?: number;
}

/** Bytes of weights that are not held more than once. */
const HEAVY = 2 ** 30;

/** A thread that dies this often in a row without having done anything is not started again. */
const HOPELESS = 3;

/**
 * Inference on a few threads, shared by all sessions of the process.
 *
 * A free thread takes work at once, so a lone session never waits for a batch to fill; batches form by
 * themselves while all threads are busy. The most urgent row goes first; a batch is as large as its rows and
 * free threads allow, and smaller when the large one would miss the first row's deadline.
 */
export class WorkerPool implements InferenceEngine {
  readonly #size: number;
  readonly #backlog: Backlog;
  /** What was asked for, by key, and of that what can run. */
  readonly #models = new Map<string, Promise<PooledModel>>();
  readonly #ready = new Map<string, PooledModel>();
  /** How often each was asked for and not released. */
  readonly #users = new Map<string, number>();
  /** Of those that are being loaded. */
  readonly #watched = new Map<string, Watched>();
  #threads: Thread[] = [];
  #deaths = 0;
  #closed = false;

  constructor({ workers = defaultWorkers(), queue = 256 }: PoolOptions = {}) {
    this.#size = workers;
    this.#backlog = new Backlog(queue);
  }

  get counts(): EngineCounts {
    return this.#backlog.counts;
  }

  /** Threads alive. */
  get threads(): readonly Thread[] {
    return this.#threads;
  }

  /** Models that are ready to run, and how often each is in use. */
  get models(): { readonly model: PooledModel; readonly users: number }[] {
    return [...this.#ready.values()].map((model) => ({ model, users: this.#users.get(model.key) ?? 0 }));
  }

  /** Rows waiting for a thread. */
  get waiting(): number {
    return this.#backlog.waiting;
  }

  load(
    manifest: Manifest,
    options: LoadOptions & { readonly finish: URL },
  ): Promise<PooledModel<Uint8Array<ArrayBuffer>, Manifest>>;
  load<M extends Net>(manifest: M, options?: LoadOptions): Promise<PooledModel<InferenceResult, M>>;
  load(manifest: Net, options: LoadOptions = {}): Promise<unknown> {
    if (this.#closed) return Promise.reject(shutdown());
    const { providers = ['cpu'], outputs = Object.keys(manifest.outputs), finish } = options;
    // Where a file leaves a length open, each length is a model of its own; in the threads they share one session.
    const { path, next, inputs, keep } = manifest;
    const key = JSON.stringify([path, next, providers, outputs, finish, inputs, keep]);
    this.#watched.get(key)?.add(options.progress);
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
    const known = this.#models.get(key);
    if (known !== undefined) return known;
    const watched = new Watched();
    watched.add(options.progress);
    const infer = (model: PooledModel, request: InferenceRequest) => this.#infer(model, request);
    const loading = this.#load(
      new PooledModel(key, manifest, { providers, outputs, finish }, infer),
      watched,
    );
    this.#models.set(key, loading);
    this.#watched.set(key, watched);
    // A failed load is forgotten, so that a repaired file can be tried again; the caller has the rejection.
    loading.catch(() => this.#lose(key)).finally(() => this.#watched.delete(key));
    return loading;
  }

  release(model: LoadedModel<unknown, Net>, forget = false): void {
    const { key } = model as PooledModel<unknown, Net>;
    const users = Math.max(0, (this.#users.get(key) ?? 0) - 1);
    this.#users.set(key, users);
    if (!forget || users > 0) return;
    this.#lose(key);
    for (const thread of this.#threads) thread.drop(key);
    this.#backlog.drop(
      () => hopeless(),
      (job) => job.key === key,
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#backlog.drop(shutdown);
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map((thread) => thread.close()));
    this.#models.clear();
    this.#ready.clear();
  }

  async #load(model: PooledModel, watched: Watched): Promise<PooledModel> {
    const { name } = model.manifest;
    const of = await verifyWeights(model.manifest, (bytes, of) =>
      watched.tell({ model: name, step: 'check', bytes, of }),
    );
    const heavy = of > HEAVY;
    while (this.#threads.length < this.#size && !this.#closed) this.#threads.push(this.#start());
    const [first, ...rest] = this.#threads;
    if (first === undefined) throw shutdown();
    try {
      // A copy of such weights for each thread would fill the memory: one has them, and all cores work on its row.
      if (heavy) model.cores = this.#size;
      watched.tell({ model: name, step: 'open', bytes: 0, of });
      await model.open(first);
      // One thread feeds a GPU; every further one would only hold a second copy of the weights there.
      const others = model.provider === 'cpu' && !heavy ? rest : [];
      // Where others speak meanwhile, never all threads at once.
      if (this.#ready.size === 0) await Promise.all(others.map((thread) => model.open(thread)));
      else for (const thread of others) await model.open(thread);
      watched.tell({ model: name, step: 'time', bytes: 0, of });
      await model.time([first, ...others]);
    } catch (cause) {
      if (this.#closed) throw shutdown();
      throw new TalkError('library/init', `The model ${model.manifest.name} cannot be loaded.`, {
        debug: message(cause),
        details: { model: model.manifest.name, path: model.manifest.path },
        cause,
      });
    }
    this.#ready.set(model.key, model);
    watched.tell({ model: name, step: 'time', bytes: of, of });
    return model;
  }

  #infer(model: PooledModel, request: InferenceRequest): Promise<unknown> {
    if (this.#closed) return Promise.reject(shutdown());
    if (!this.#serves(model.key) && !this.#ready.has(model.key)) return Promise.reject(hopeless());
    return this.#backlog.add(model, request, () => this.#dispatch());
  }

  #dispatch(): void {
    for (;;) {
      const idle = this.#threads.filter((thread) => thread.idle);
      const first = this.#backlog.first((key) => idle.some((thread) => thread.keys.has(key)));
      if (first === undefined) return;
      const able = idle.filter((thread) => thread.keys.has(first.key));
      const share = Math.ceil(this.#backlog.waiting / able.length);
      const left = first.deadline - performance.now();
      const jobs = this.#backlog.take(first, first.model.fitting(share, left));
      const [thread] = able;
      if (jobs.length > 0 && thread !== undefined) void this.#run(thread, first.model, jobs);
    }
  }

  /** Never rejects: what goes wrong is the jobs' own. */
  async #run(thread: Thread, model: PooledModel, jobs: readonly Job[]): Promise<void> {
    try {
      const results = await model.run(
        thread,
        jobs.map(({ request }) => request),
      );
      thread.served += jobs.length;
      this.#deaths = 0;
      const { counts } = this.#backlog;
      counts.done += jobs.length;
      counts.batches++;
      counts.sizes.set(jobs.length, (counts.sizes.get(jobs.length) ?? 0) + 1);
      for (const [i, result] of results.entries()) jobs[i]?.settle({ result });
    } catch (cause) {
      const error = this.#closed
        ? shutdown()
        : new TalkError('library/failed', `The model ${model.manifest.name} failed.`, {
            debug: message(cause),
            retryable: cause instanceof ThreadDied,
            cause,
          });
      for (const job of jobs) job.settle({ error });
    }
    this.#dispatch();
  }

  #start(): Thread {
    // Rows wait also while a thread loads or times another model, and nobody else would give them to it afterwards.
    return new Thread(
      (thread, why) => void this.#replace(thread, why),
      () => this.#dispatch(),
    );
  }

  /** Puts a new thread with the same models in the place of one that died. Never rejects. */
  async #replace(dead: Thread, why: Error): Promise<void> {
    this.#threads = this.#threads.filter((thread) => thread !== dead);
    this.#backlog.counts.crashes++;
    if (this.#closed) return;
    if (dead.served === 0 && ++this.#deaths >= HOPELESS) {
      this.#abandon([...this.#ready.keys()], why);
      return;
    }
    const thread = this.#start();
    this.#threads.push(thread);
    for (const key of dead.keys) {
      try {
        await this.#ready.get(key)?.open(thread);
      } catch (error) {
        // A death while loading comes here again through its own call. A file that is gone would stay gone: that
        // model ends where no other thread has it, the others go on.
        if (error instanceof ThreadDied) return;
        this.#abandon([key], error);
      }
    }
    this.#dispatch();
  }

  #lose(key: string): void {
    this.#ready.delete(key);
    this.#models.delete(key);
    this.#users.delete(key);
  }

  /** Gives up those of the models that no thread has any more. */
  #abandon(keys: readonly string[], why: unknown): void {
    for (const key of keys.filter((key) => !this.#serves(key))) {
      this.#lose(key);
      this.#backlog.drop(
        () => hopeless(why),
        (job) => job.key === key,
      );
    }
  }

  #serves(key: string): boolean {
    return this.#threads.some((thread) => thread.keys.has(key));
  }
}

function message(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function shutdown(): TalkError {
  return new TalkError('library/shutdown', 'Inference has been closed.');
}

function hopeless(cause?: unknown): TalkError {
  return new TalkError('library/failed', 'The inference threads do not stay alive.', {
    ...(cause === undefined ? {} : { debug: message(cause), cause }),
  });
}

function defaultWorkers(): number {
  const asked = Number(process.env['TALKGRAPH_INFERENCE_WORKERS']);
  return Number.isInteger(asked) && asked > 0 ? asked : Math.min(availableParallelism(), 8);
}
