import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { TalkError } from '../element/error.js';
import type { Fetched, Request } from './fetch.js';
import type { Reading, Unread } from './reading.js';

/** Threads that fetch pictures for all long avatars of the process. */
const THREADS = 2;

/** Who waits for the pictures of one avatar. */
export interface Reception {
  /** One is there, or why not. */
  arrived(frame: number, unread?: Unread): void;
  /** The threads are gone; nothing that was asked for comes any more. */
  lost(error: TalkError): void;
}

interface Customer {
  readonly job: Reading;
  readonly reception: Reception;
}

const customers = new Map<number, Customer>();
let workers: Worker[] = [];
let count = 0;
/** Pictures that are asked for: somebody waits, so the process goes on. A thread without work does not keep it. */
let pending = 0;

/** Announces an avatar; the threads start with the first one. Answers the number it has from now on. */
export function openFetching(job: Reading, reception: Reception): number {
  const number = ++count;
  // Threads that start now hear of all who are customers already.
  const all = threads();
  customers.set(number, { job, reception });
  for (const worker of all) post(worker, { open: number, job });
  return number;
}

/** Asks for a picture, to be put at `at` of `memory`. */
export function fetchPicture(request: Extract<Request, { of: number }>): void {
  const all = threads();
  if (pending++ === 0) for (const worker of all) worker.ref();
  // Neighbours go to different threads.
  post(all[request.frame % all.length]!, request);
}

/** No more pictures of this one; the threads end with the last avatar. */
export function closeFetching(number: number): void {
  customers.delete(number);
  for (const worker of workers) {
    post(worker, { close: number });
    // Not terminated: they would leave files open.
    if (customers.size === 0) post(worker, 'end');
  }
  if (customers.size > 0) return;
  workers = [];
  pending = 0;
}

function threads(): Worker[] {
  if (workers.length > 0) return workers;
  workers = Array.from({ length: Math.min(THREADS, availableParallelism()) }, () => {
    const worker = new Worker(new URL('./fetch.js', import.meta.url), { execArgv: [] });
    worker.unref();
    worker.on('message', ({ of, frame, unread }: Fetched) => {
      if (!workers.includes(worker)) return;
      if (--pending === 0) for (const one of workers) one.unref();
      customers.get(of)?.reception.arrived(frame, unread);
    });
    worker.once('error', (cause) => broken(worker, cause));
    return worker;
  });
  for (const [open, { job }] of customers) for (const worker of workers) post(worker, { open, job });
  return workers;
}

/** A thread died: the others go, too, and the next request starts anew. */
function broken(worker: Worker, cause: Error): void {
  if (!workers.includes(worker)) return;
  const old = workers;
  workers = [];
  pending = 0;
  for (const other of old) void other.terminate();
  const error = new TalkError('stream/decode', 'A thread that reads pictures of avatars has died.', {
    cause,
    retryable: true,
  });
  for (const { reception } of [...customers.values()]) reception.lost(error);
}

function post(worker: Worker, request: Request): void {
  worker.postMessage(request);
}
