/** `POST /offer`: a complete SDP offer in, a session and its complete answer out (LiveTalking's signalling). */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { isAvatarId } from '../../avatar/index.js';
import type { Session } from '../../session/session.js';
import type { Sessions } from '../../session/sessions.js';
import { complaint, failed, Offer } from '../contract/livetalking.js';
import type { CustomClips, SessionClips } from '../custom.js';
import { sentence } from '../problem.js';
import { mayAskFor } from '../voices.js';

/** @param preset who speaks unless an offer says otherwise */
export function offerRoute(
  app: FastifyInstance,
  sessions: Sessions,
  { custom, preset }: { readonly custom: CustomClips; readonly preset: string },
): void {
  app.post('/offer', async (request) => {
    const body = Offer.safeParse(request.body);
    if (!body.success) return failed(complaint(body.error));
    if (sessions.full) return failed(`Maximum session limit reached (${sessions.size}/${sessions.limit})`);
    const { sdp, avatar, refaudio, custom_config } = body.data;
    if (avatar !== '' && !isAvatarId(avatar))
      return failed(`Expected the id of an avatar but received '${avatar}'.`);
    if (!mayAskFor(refaudio)) return failed(`Expected the name of a voice but received '${refaudio}'.`);
    let clips: SessionClips | undefined;
    let session: Session | undefined;
    try {
      if (custom_config !== '') clips = await custom.make(custom_config, avatar || preset);
      session = await sessions.create({
        ...(avatar === '' ? {} : { avatar }),
        ...(refaudio === '' ? {} : { voice: refaudio }),
        ...(clips === undefined ? {} : { clips: clips.folder }),
      });
      session.events.on('event', (event) => {
        if (event.type === 'state' && event.state === 'ended') drop(clips, request.log);
      });
      try {
        return {
          sdp: await session.answer(sdp),
          type: 'answer',
          sessionid: sessions.ids === 'number' ? Number(session.id) : session.id,
          // Ours: whether `/human` takes `chat`.
          chat: session.answers,
        };
      } catch (error) {
        await session.close('the offer was refused');
        throw error;
      }
    } catch (error) {
      if (session === undefined) drop(clips, request.log);
      request.log.warn({ err: error }, 'offer refused');
      return failed(sentence(error));
    }
  });
}

/** What stays on the disk is taken away when the server starts anew. */
function drop(clips: SessionClips | undefined, log: FastifyBaseLogger): void {
  clips?.drop().catch((error: unknown) => log.warn({ err: error }, 'clips stay'));
}
