/** `POST /human`, `/interrupt_talk`, `/is_speaking`, `/set_audiotype`: what LiveTalking's clients drive a session with. */
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { Session } from '../../session/session.js';
import type { Sessions } from '../../session/sessions.js';
import { askedVoice } from '../askedvoice.js';
import { reach } from '../caller.js';
import {
  AudioType,
  complaint,
  type Envelope,
  failed,
  Human,
  LONGEST_TEXT,
  OnSession,
  ok,
  UNKNOWN_SESSION,
} from '../contract/livetalking.js';
import type { Wished } from '../lines.js';
import { sentence } from '../problem.js';

export function humanRoutes(app: FastifyInstance, sessions: Sessions, wished: Wished): void {
  /** A route on a session: reads the body, finds the session, turns whatever goes wrong into the envelope. */
  function on<S extends z.ZodType<{ sessionid: string }>>(
    path: string,
    schema: S,
    act: (session: Session, body: z.infer<S>) => Envelope | Promise<Envelope>,
  ): void {
    app.post(path, async (request) => {
      const body = schema.safeParse(request.body);
      if (!body.success) return failed(complaint(body.error));
      const session = reach(sessions, request, body.data.sessionid);
      if (!session) return failed(UNKNOWN_SESSION);
      try {
        return await act(session, body.data);
      } catch (error) {
        return failed(sentence(error));
      }
    });
  }

  on('/human', Human, async (session, { type, text, interrupt, tts }) => {
    if (type === 'chat' && !session.answers) return failed('no LLM configured');
    if (type !== 'echo' && type !== 'chat')
      return failed(`Expected type 'echo' or 'chat' but received '${type}'.`);
    if (text.length > LONGEST_TEXT) {
      return failed(`Expected at most ${LONGEST_TEXT} characters of text but received ${text.length}.`);
    }
    const asked = await askedVoice(session.voice, tts);
    if ('refused' in asked) return failed(asked.refused);
    const voice = asked.voice === '' ? {} : { voice: asked.voice };
    const nothing = text.trim() === '';
    if (interrupt && (nothing || type === 'echo')) session.cut();
    if (nothing) return ok();
    const id = type === 'echo' ? session.say({ text, ...voice }) : session.ask({ text, interrupt, ...voice });
    wished.note(session, id, tts);
    return ok();
  });

  on('/interrupt_talk', OnSession, async (session) => {
    await session.cut();
    return ok();
  });

  on('/set_audiotype', AudioType, (session, { audiotype }) => {
    // 1 is the idle clip, which is there whenever nothing else is.
    if (audiotype === 0) session.cut();
    else if (audiotype !== 1) session.clip(String(audiotype));
    return ok();
  });

  on('/is_speaking', OnSession, (session) => ok(session.speaking));
}
