import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { TalkError } from '../element/error.js';
import type { Decoded, Place, Share } from './decode.js';
import { type Reading, readBytes } from './reading.js';
import { unread } from './unread.js';

/** Bytes of pictures up to which an avatar is read whole, once; of a longer one a few pictures are kept. */
export const WHOLE = 192 << 20;

/** Pictures it is worth starting one more thread for. */
const SHARE = 32;

/**
 * Reads all pictures of an avatar into memory, in a thread for each core.
 * @throws TalkError stream/decode, stream/format
 */
export function readAlbum(job: Reading, label: string): Promise<Uint8Array[]> {
  const threads = Math.max(1, Math.min(availableParallelism(), Math.ceil(job.count / SHARE)));
  const each = readBytes(job);
  const place: Place = { memory: new SharedArrayBuffer(each * job.count), each };
  let missing = job.count;
  return new Promise((resolve, reject) => {
    let running = threads;
    const workers = Array.from({ length: threads }, (_, first) => {
      const share: Share = { first, step: threads };
      return new Worker(new URL('./decode.js', import.meta.url), {
        workerData: { job, share, place },
        execArgv: [],
      });
    });
    const fail = (error: TalkError) => {
      reject(error);
      for (const worker of workers) void worker.terminate();
    };
    for (const worker of workers) {
      worker.on('message', (decoded: Decoded) => {
        if (decoded.problem !== undefined) return fail(unread(decoded, job, label));
        missing--;
        if (missing > 0) return;
        resolve(Array.from({ length: job.count }, (_, n) => new Uint8Array(place.memory, n * each, each)));
      });
      worker.once('error', (cause) =>
        fail(new TalkError('stream/decode', `Avatar "${label}": its pictures could not be read.`, { cause })),
      );
      worker.once('exit', () => {
        running--;
        if (running === 0 && missing > 0)
          reject(new TalkError('stream/decode', `Avatar "${label}": reading its pictures stopped half-way.`));
      });
    }
  });
}
