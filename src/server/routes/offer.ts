/** `POST /offer`: a complete SDP offer in, a session and its complete answer out (LiveTalking's signalling). */
import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify';
import type { Sessions } from '../../session/sessions.js';
import { askedVoice } from '../askedvoice.js';
import type { SessionTokens } from '../caller.js';
import { complaint, type Envelope, failed, Offer } from '../contract/livetalking.js';
import type { CustomClips, SessionClips } from '../custom.js';
import { whenGone } from '../gone.js';
import { clientOf } from '../limits.js';
import { RETRY_AFTER, sentence, statusOf } from '../problem.js';
import { Signalling } from '../signalling.js';

/** @param preset who speaks unless an offer says otherwise */
export function offerRoute(
  app: FastifyInstance,
  signalling: Signalling,
  {
    custom,
    preset,
    tokens,
  }: { readonly custom: CustomClips; readonly preset: string; readonly tokens: SessionTokens },
): void {
  app.post('/offer', async (request, reply) => {
    const body = Offer.safeParse(request.body);
    if (!body.success) return failed(complaint(body.error));
    const { sessions } = signalling;
    if (sessions.fullFor(clientOf(request.ip))) return noPlace(sessions, reply);
    const { sdp, avatar, refaudio, reftext, custom_config } = body.data;
    let clips: SessionClips | undefined;
    try {
      await Signalling.check({ avatar });
      // As LiveTalking has it, the words of a recording count with the recording only.
      const asked = await askedVoice(
        sessions.voice,
        refaudio === '' ? {} : { ref_file: refaudio, ref_text: reftext },
      );
      if ('refused' in asked) return failed(asked.refused);
      if (custom_config !== '') clips = await custom.make(custom_config, avatar || preset);
      const wish = { avatar, voice: asked.voice, clips: clips?.folder, client: clientOf(request.ip) };
      const { session, answer } = await signalling.open(sdp, wish, 'both', whenGone(reply));
      session.events.on('event', (event) => {
        if (event.type === 'state' && event.state === 'ended') drop(clips, request.log);
      });
      const sessionid = signalling.sessions.ids === 'number' ? Number(session.id) : session.id;
      request.about = session.id;
      // Its clients know no more than the session's id: who wants the token finds it among the headers.
      tokens.give(session, request, reply);
      // Ours: whether `/human` takes `chat`, and whether a microphone is heard.
      const { answers: chat, listens } = session;
      return { sdp: answer.sdp, type: 'answer', sessionid, chat, listens };
    } catch (error) {
      drop(clips, request.log);
      request.log.warn({ err: error }, 'offer refused');
      // Clips were made meanwhile, and others were quicker; or there is no port.
      if (statusOf(error) === 503) reply.header('retry-after', String(RETRY_AFTER));
      return failed(sentence(error));
    }
  });
}

function noPlace(sessions: Sessions, reply: FastifyReply): Envelope {
  sessions.events.emit('refused');
  reply.header('retry-after', String(RETRY_AFTER));
  return failed(`Maximum session limit reached (${sessions.size}/${sessions.limit})`);
}

/** What stays on the disk is taken away when the server starts anew. */
function drop(clips: SessionClips | undefined, log: FastifyBaseLogger): void {
  clips?.drop().catch((error: unknown) => log.warn({ err: error }, 'clips stay'));
}
