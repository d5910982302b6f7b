/**
 * A thread that reads single pictures of long avatars when they are asked for. It ends with the last avatar.
 */
import { parentPort } from 'node:worker_threads';
import { Reader, type Reading, type Unread } from './reading.js';

/** What the thread is told: an avatar comes, a picture of it is wanted at a place, it goes. */
export type Request =
  | { readonly open: number; readonly job: Reading }
  | {
      readonly of: number;
      readonly frame: number;
      readonly memory: SharedArrayBuffer;
      readonly at: number;
      readonly bytes: number;
    }
  | { readonly close: number }
  | 'end';

/** A picture is where it was wanted, or why not. */
export interface Fetched {
  readonly of: number;
  readonly frame: number;
  readonly unread?: Unread;
}

if (parentPort) {
  const port = parentPort;
  const readers = new Map<number, Promise<Reader | Unread>>();
  const serve = async (request: Request): Promise<void> => {
    if (request === 'end') {
      port.close();
    } else if ('open' in request) {
      readers.set(request.open, Reader.open(request.job));
    } else if ('close' in request) {
      const reader = await readers.get(request.close);
      readers.delete(request.close);
      if (reader instanceof Reader) await reader.close();
    } else {
      const { of, frame, memory, at, bytes } = request;
      const reader = await readers.get(of);
      const unread =
        reader instanceof Reader
          ? await reader.read(frame, new Uint8Array(memory, at, bytes))
          : (reader ?? { frame, problem: 'decode', text: 'closed' });
      port.postMessage({ of, frame, ...(unread && { unread }) } satisfies Fetched);
    }
  };
  // One after the other: a picture fills a core, and an avatar may not go under a picture of it.
  let last = Promise.resolve();
  port.on('message', (request: Request) => {
    last = last.then(() => serve(request));
  });
}
