/** Server-sent events of a session, for whoever reads them: how a stream begins, what its reader may cost, and how it ends. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Session } from '../session/session.js';
import type { SessionEvent } from './contract/events.js';

/** A reader that lets this many bytes pile up has gone away or cannot follow: it is let go. */
const BEHIND = 256 * 1024;

/**
 * Sends events until the session has ended or the reader is gone.
 * @param written an event as it goes out; undefined for one that this reader is not told
 */
export function streamSession(
  session: Session,
  reply: FastifyReply,
  written: (event: SessionEvent) => string | undefined,
): ServerResponse {
  // What hooks have set, as who may read it, goes out with ours.
  const headers = reply.getHeaders() as OutgoingHttpHeaders;
  const stream = reply.hijack().raw;
  stream.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  });
  // Nothing comes behind the headers that HEAD asks for; the next request on the connection would wait for its end.
  if (reply.request.method === 'HEAD') return stream.end();
  stream.flushHeaders();
  const tell = (event: SessionEvent) => {
    const text = written(event);
    if (text !== undefined) stream.write(text);
    if (event.type === 'state' && event.state === 'ended') stream.end();
    else if (stream.writableLength > BEHIND) stream.destroy();
  };
  session.events.on('event', tell);
  stream.on('close', () => session.events.off('event', tell));
  return stream;
}
