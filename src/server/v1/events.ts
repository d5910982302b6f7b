/** A session's events as server-sent events: `event` is the type, `data` the event as JSON. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Session } from '../../session/session.js';
import type { SessionEvent } from '../contract/events.js';

/** A reader that lets this many bytes pile up has gone away or cannot follow: it is let go. */
const BEHIND = 256 * 1024;
/** ms between signs of life, which keep proxies from closing what is silent. */
const ALIVE = 15_000;

export function streamEvents(session: Session, reply: FastifyReply): FastifyReply {
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
  stream.flushHeaders();
  const tell = (event: SessionEvent) => {
    stream.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (event.type === 'state' && event.state === 'ended') stream.end();
    else if (stream.writableLength > BEHIND) stream.destroy();
  };
  const alive = setInterval(() => stream.write(':\n\n'), ALIVE);
  session.events.on('event', tell);
  stream.on('close', () => {
    clearInterval(alive);
    session.events.off('event', tell);
  });
  return reply;
}
