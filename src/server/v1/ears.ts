/**
 * `POST /v1/sessions/:id/ears {bargeIn?, turns?, button?}`: who may speak over the face, and the button to talk. Answers what holds now,
 * `{bargeIn, turns}`.
 */
import { EarsNow, EarWishes } from '../contract/v1.js';
import { type Api, Refusal } from './api.js';
import type { Found } from './found.js';

export function earRoutes(api: Api, found: Found): void {
  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/ears',
      summary: 'Changes how the viewer is heard, and tells what holds now',
      body: EarWishes,
      status: 200,
      answer: EarsNow,
    },
    (wish, request) => {
      const session = found.running(request);
      if (!session.listens)
        throw new Refusal(409, 'Nobody is heard in this session: no speech recogniser is set.');
      return session.hear(wish);
    },
  );
}
