/** `GET /sse?sessionid=…`: the session's events in LiveTalking's form, one `data:` line each, as they are heard. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Sessions } from '../../session/sessions.js';
import { type SessionEvent, toLiveTalking } from '../contract/events.js';
import { failed, UNKNOWN_SESSION } from '../contract/livetalking.js';

/** A reader that lets this many bytes pile up has gone away or cannot follow: it is let go. */
const BEHIND = 256 * 1024;

export function eventRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.get<{ Querystring: { sessionid?: string } }>('/sse', (request, reply) => {
    const session = sessions.get(request.query.sessionid ?? '');
    if (!session) return reply.send(failed(UNKNOWN_SESSION));
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
      const line = toLiveTalking(event);
      if (line) stream.write(`data: ${JSON.stringify(line)}\n\n`);
      if (event.type === 'state' && event.state === 'ended') stream.end();
      else if (stream.writableLength > BEHIND) stream.destroy();
    };
    session.events.on('event', tell);
    stream.on('close', () => session.events.off('event', tell));
  });
}
