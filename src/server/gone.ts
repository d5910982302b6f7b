/** Whether whoever asked still waits for the answer. */
import type { FastifyReply } from 'fastify';

/** Aborts when the client has gone before its answer was complete. */
export function whenGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
