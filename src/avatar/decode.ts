/**
 * A thread that reads a whole avatar, or its share of it. It gets a `Reading` as workerData, posts for each picture
 * whether it is where it belongs, and ends.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Reader, type Reading, type Unread } from './reading.js';

/** Where the pictures go: one behind the other. One piece, so that all of it goes back to the system when they close. */
export interface Place {
  readonly memory: SharedArrayBuffer;
  /** Bytes of a picture. */
  readonly each: number;
}

/** The pictures one thread reads: `first`, and every `step`-th after it. */
export interface Share {
  readonly first: number;
  readonly step: number;
}

/** One picture is where it belongs, or why it is not. */
export type Decoded = { readonly frame: number; readonly problem?: undefined } | Unread;

async function decode(
  job: Reading,
  { first, step }: Share,
  { memory, each }: Place,
  post: (decoded: Decoded) => void,
): Promise<void> {
  const reader = await Reader.open(job);
  if (!(reader instanceof Reader)) return post(reader);
  for (let frame = first; frame < job.count; frame += step) {
    post((await reader.read(frame, new Uint8Array(memory, frame * each, each))) ?? { frame });
  }
  await reader.close();
}

if (parentPort) {
  const port = parentPort;
  const { job, share, place } = workerData as { job: Reading; share: Share; place: Place };
  await decode(job, share, place, (decoded) => port.postMessage(decoded));
}
