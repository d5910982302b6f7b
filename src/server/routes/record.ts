/** `POST /record` and `GET /record/ID`: a session as a file, as LiveTalking's clients ask for it; ours is `/record/ID.vtt`, what was said in it. */
import type { FastifyInstance } from 'fastify';
import type { Sessions } from '../../session/sessions.js';
import { mayReach, reach } from '../caller.js';
import { complaint, failed, ok, Recording, UNKNOWN_SESSION } from '../contract/livetalking.js';
import { sentence } from '../problem.js';
import { captionsOf, type Recordings } from '../recordings.js';

export function recordRoutes(app: FastifyInstance, sessions: Sessions, recordings: Recordings): void {
  app.post('/record', async (request) => {
    const body = Recording.safeParse(request.body);
    if (!body.success) return failed(complaint(body.error));
    const { sessionid, type, captions } = body.data;
    const session = reach(sessions, request, sessionid);
    if (session === undefined) return failed(UNKNOWN_SESSION);
    try {
      // Any other type does nothing and is ok; so is starting twice.
      if (type === 'start_record') await recordings.start(session, { captions: captionsOf(captions) });
      if (type === 'end_record') await recordings.end(session);
      return ok();
    } catch (error) {
      request.log.warn({ err: error }, 'not recorded');
      return failed(sentence(error));
    }
  });

  app.get<{ Params: { '*': string } }>('/record/*', async (request, reply) => {
    const [, id = '', end] = /^(.*?)(\.vtt)?$/s.exec(request.params['*']) ?? [];
    const as = end === undefined ? 'mp4' : 'vtt';
    const file = id === '' || !mayReach(request, id) ? undefined : await recordings.file(id, as);
    if (file !== undefined) return reply.sendFile(file, recordings.folder, { cacheControl: false });
    reply.type('text/plain; charset=utf-8');
    return id === ''
      ? reply.code(400).send('sessionid is required')
      : reply.code(404).send('Record not found');
  });
}
