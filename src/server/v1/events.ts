/** A session's events as server-sent events: `event` is the type, `data` the event as JSON. */
import type { FastifyReply } from 'fastify';
import type { Session } from '../../session/session.js';
import { streamSession } from '../eventstream.js';

/** ms between signs of life, which keep proxies from closing what is silent. */
const ALIVE = 15_000;

export function streamEvents(session: Session, reply: FastifyReply): FastifyReply {
  const stream = streamSession(
    session,
    reply,
    (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
  );
  const alive = setInterval(() => stream.write(':\n\n'), ALIVE);
  stream.on('close', () => clearInterval(alive));
  return reply;
}
