/**
 * `POST /v1/sessions/:id/ears {bargeIn?, turns?, button?}`: who may speak over the face, and the button to talk. Answers what holds now,
 * `{bargeIn, turns}`.
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BARGE_IN, TURNS } from '../../session/ears.js';
import type { Sessions } from '../../session/sessions.js';
import { complaint, UNKNOWN_SESSION } from '../contract/livetalking.js';
import { problem } from '../problem.js';

const Body = z.object({
  bargeIn: z.enum(BARGE_IN).optional(),
  turns: z.enum(TURNS).optional(),
  button: z.boolean().optional(),
});

export function earRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.post<{ Params: { id: string } }>('/v1/sessions/:id/ears', async ({ params, body }, reply) => {
    const wish = Body.safeParse(body);
    if (!wish.success) return problem(reply, 400, complaint(wish.error));
    const session = sessions.get(params.id);
    if (session === undefined) return problem(reply, 404, UNKNOWN_SESSION);
    if (!session.listens)
      return problem(reply, 409, 'Nobody is heard in this session: no speech recogniser is set.');
    return session.hear(wish.data);
  });
}
