/** `GET /v1/avatars/:id/report`: what is wrong with an avatar. */
import { checkAvatar, findAvatar, isAvatarId } from '../../avatar/index.js';
import { AvatarReport } from '../contract/watching.js';
import type { Rights } from '../rights.js';
import { type Api, Refusal } from './api.js';

/** Seconds that looking at an avatar takes, more or less. */
const LATER = 10;

export function reportRoutes(api: Api, rights: Rights): void {
  let busy = false;
  api.route(
    {
      method: 'GET',
      path: '/v1/avatars/:id/report',
      summary: 'What is wrong with an avatar: all of its pictures are looked at, one avatar at a time',
      status: 200,
      answer: AvatarReport,
    },
    async (_body, request) => {
      if (!rights.watches(request)) throw new Refusal(403, 'Expected the token of whoever runs this server.');
      const id = request.params['id'] ?? '';
      if (!isAvatarId(id)) throw new Refusal(404, 'Expected the id of an avatar.');
      // One that is there and cannot be read has a report that says so.
      await findAvatar(id);
      if (busy) throw new Refusal(503, 'Another avatar is being looked at; try again soon.', LATER);
      busy = true;
      try {
        return { id, findings: await checkAvatar(id) };
      } finally {
        busy = false;
      }
    },
  );
}
