/** `POST /offer`: a complete SDP offer in, a session and its complete answer out (LiveTalking's signalling). */
import type { FastifyInstance } from 'fastify';
import { isAvatarId } from '../../avatar/index.js';
import type { Sessions } from '../../session/sessions.js';
import { complaint, failed, Offer } from '../contract/livetalking.js';
import { sentence } from '../problem.js';
import { mayAskFor } from '../voices.js';

export function offerRoute(app: FastifyInstance, sessions: Sessions): void {
  app.post('/offer', async (request) => {
    const body = Offer.safeParse(request.body);
    if (!body.success) return failed(complaint(body.error));
    if (sessions.full) return failed(`Maximum session limit reached (${sessions.size}/${sessions.limit})`);
    const { sdp, avatar, refaudio } = body.data;
    if (avatar !== '' && !isAvatarId(avatar))
      return failed(`Expected the id of an avatar but received '${avatar}'.`);
    if (!mayAskFor(refaudio)) return failed(`Expected the name of a voice but received '${refaudio}'.`);
    try {
      const session = await sessions.create({
        ...(avatar === '' ? {} : { avatar }),
        ...(refaudio === '' ? {} : { voice: refaudio }),
      });
      try {
        return {
          sdp: await session.answer(sdp),
          type: 'answer',
          sessionid: session.id,
          // Ours: whether `/human` takes `chat`.
          chat: session.answers,
        };
      } catch (error) {
        await session.close('the offer was refused');
        throw error;
      }
    } catch (error) {
      request.log.warn({ err: error }, 'offer refused');
      return failed(sentence(error));
    }
  });
}
