/** `GET /sse?sessionid=…`: the session's events in LiveTalking's form, one `data:` line each, as they are heard. */
import type { FastifyInstance } from 'fastify';
import type { Sessions } from '../../session/sessions.js';
import { reach } from '../caller.js';
import { failed, UNKNOWN_SESSION } from '../contract/livetalking.js';
import { streamSession } from '../eventstream.js';
import { Lines, type Wished } from '../lines.js';

export function eventRoutes(app: FastifyInstance, sessions: Sessions, wished: Wished): void {
  app.get<{ Querystring: { sessionid?: string } }>('/sse', (request, reply) => {
    const session = reach(sessions, request, request.query.sessionid ?? '');
    if (!session) return reply.send(failed(UNKNOWN_SESSION));
    const lines = new Lines((id) => wished.of(session, id));
    streamSession(session, reply, (event) => {
      const text = lines.of(event).map((line) => `data: ${JSON.stringify(line)}\n\n`);
      return text.length === 0 ? undefined : text.join('');
    });
  });
}
