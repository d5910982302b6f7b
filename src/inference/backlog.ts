import { TalkError } from '../element/error.js';
import type { EngineCounts, InferenceRequest } from './engine.js';
import type { PooledModel } from './model.js';
import type { Net } from './net.js';
import { DeadlineQueue } from './queue.js';

/** A row that was asked for and has no answer yet. */
export interface Job {
  readonly key: string;
  readonly model: PooledModel;
  readonly request: InferenceRequest;
  readonly deadline: number;
  readonly batch: number;
  /** Answers it; only the first answer counts. */
  readonly settle: (outcome: { result: unknown } | { error: unknown }) => void;
}

/**
 * All rows that have no answer yet: those that wait for a thread, and how any of them can end early.
 *
 * Waiting rows are bounded. When there is no room, rows whose moment has passed go first; if there is none,
 * the new one is refused. Both are counted.
 */
export class Backlog {
  readonly counts: { -readonly [K in keyof EngineCounts]: EngineCounts[K] } & { sizes: Map<number, number> } =
    {
      done: 0,
      batches: 0,
      sizes: new Map(),
      expired: 0,
      refused: 0,
      crashes: 0,
    };
  readonly #queue: DeadlineQueue<Job>;
  readonly #watched = new WeakMap<AbortSignal, Set<Job>>();

  /** @param limit rows that may wait */
  constructor(limit: number) {
    this.#queue = new DeadlineQueue(limit);
  }

  /** Rows waiting for a thread. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Queues a row; the promise is its answer. `queued` is called when there was room for it. */
  add<R>(model: PooledModel<R, Net>, request: InferenceRequest, queued: () => void): Promise<R> {
    const { signal } = request;
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      let settled = false;
      const job: Job = {
        key: model.key,
        model: model as PooledModel,
        request,
        deadline: request.deadline ?? Number.POSITIVE_INFINITY,
        batch: request.batch ?? model.batch,
        settle: (outcome) => {
          if (settled) return;
          settled = true;
          if (signal !== undefined) this.#watched.get(signal)?.delete(job);
          if ('result' in outcome) resolve(outcome.result as R);
          else reject(outcome.error);
        },
      };
      if (this.#queue.full) this.#expire(this.#queue.remove(hasExpired));
      if (!this.#queue.add(job)) {
        this.counts.refused++;
        job.settle({
          error: new TalkError('resource/busy', 'Too many frames wait for inference.', { retryable: true }),
        });
        return;
      }
      if (signal !== undefined) this.#watch(job, signal);
      queued();
    });
  }

  /** The most urgent row of a model that `can` be run now. */
  first(can: (key: string) => boolean): Job | undefined {
    return this.#queue.first(({ key }) => can(key));
  }

  /** Takes the rows that go along with `first`, at most `most`; those whose moment has passed are dropped instead. */
  take(first: Job, most: number): Job[] {
    const jobs = this.#queue.batch(first, most);
    const late = new Set(jobs.filter(hasExpired));
    this.#expire([...late]);
    return jobs.filter((job) => !late.has(job));
  }

  /** Rejects every waiting row that `which` is true for. */
  drop(error: () => TalkError, which: (job: Job) => boolean = () => true): void {
    for (const job of this.#queue.remove(which)) job.settle({ error: error() });
  }

  #expire(jobs: readonly Job[]): void {
    for (const job of jobs) {
      this.counts.expired++;
      job.settle({
        error: new TalkError('resource/busy', 'The moment of this frame passed before it was its turn.', {
          details: { expired: true },
        }),
      });
    }
  }

  /** One listener per signal, however many rows hang on it. */
  #watch(job: Job, signal: AbortSignal): void {
    const known = this.#watched.get(signal);
    if (known !== undefined) {
      known.add(job);
      return;
    }
    const jobs = new Set([job]);
    this.#watched.set(signal, jobs);
    const abort = () => {
      this.#queue.remove((queued) => jobs.has(queued));
      for (const aborted of [...jobs]) aborted.settle({ error: signal.reason });
    };
    signal.addEventListener('abort', abort, { once: true });
  }
}

/** The requester's own clock decides when it has one: a cranked test clock is not late because a run took long. */
function hasExpired({ request, deadline }: Job): boolean {
  return request.expired?.() ?? performance.now() > deadline;
}
