/** `GET /sse?sessionid=…`: the session's events in LiveTalking's form, one `data:` line each, as they are heard. */
import type { FastifyInstance } from 'fastify';
import type { Sessions } from '../../session/sessions.js';
import { reach } from '../caller.js';
import { toLiveTalking } from '../contract/events.js';
import { failed, UNKNOWN_SESSION } from '../contract/livetalking.js';
import { streamSession } from '../eventstream.js';

export function eventRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.get<{ Querystring: { sessionid?: string } }>('/sse', (request, reply) => {
    const session = reach(sessions, request, request.query.sessionid ?? '');
    if (!session) return reply.send(failed(UNKNOWN_SESSION));
    streamSession(session, reply, (event) => {
      const line = toLiveTalking(event);
      return line && `data: ${JSON.stringify(line)}\n\n`;
    });
  });
}
