/** `POST /v1/sessions/:id/parameters`: another face, model, voice, bitrate or prompt for a session that runs. */
import { type Avatar, openAvatar } from '../../avatar/index.js';
import { readManifest } from '../../inference/index.js';
import { demandOpen } from '../../session/catalogue.js';
import type { Session } from '../../session/session.js';
import { NewParameters, Parameters } from '../contract/v1.js';
import type { Api } from './api.js';
import type { Found } from './found.js';
import { named } from './named.js';
import { speakable } from './speakable.js';

export function parameterRoutes(api: Api, found: Found): void {
  /** Faces that sessions were changed to: they stay open, so that nobody waits for their pictures. */
  const faces = new WeakMap<Session, Avatar>();

  api.route(
    {
      method: 'POST',
      path: '/v1/sessions/:id/parameters',
      summary:
        'Gives parameters of a running session other values: those that its graph can change while it plays',
      body: NewParameters,
      status: 200,
      answer: Parameters,
    },
    async ({ parameters }, request) => {
      const before = found.running(request);
      const bound = await named(parameters);
      demandOpen(bound);
      const { avatar, model, voice } = bound;
      // Elements take it later, where nobody could be told any more: one that is there and draws a mouth, one that can speak.
      if (model !== undefined) await readManifest(String(model));
      if (voice !== undefined) await speakable(String(voice), before.usualVoice);
      const face = avatar === undefined ? undefined : await openFace(before, String(avatar));
      try {
        // It may have ended meanwhile.
        const session = found.running(request);
        session.change(bound);
        if (face !== undefined) keep(session, face, faces);
      } catch (error) {
        face?.close();
        throw error;
      }
      return { parameters: bound };
    },
  );
}

/** Opens a face as the elements of the session will. Throws what is wrong with it. */
async function openFace({ parameters }: Session, avatar: string): Promise<Avatar> {
  const { avatar: now = 'ava', background = '', width, height } = parameters;
  const [w, h] = [Number(width ?? 0), Number(height ?? 0)];
  const size = w > 0 || h > 0 ? { width: w, height: h } : {};
  const shown = await openAvatar(String(now), { background: String(background), ...size });
  try {
    return await openAvatar(avatar, {
      ...{ background: String(background), width: shown.width, height: shown.height },
    });
  } finally {
    shown.close();
  }
}

function keep(session: Session, face: Avatar, faces: WeakMap<Session, Avatar>): void {
  const before = faces.get(session);
  if (before === undefined)
    session.onEnd(() => {
      faces.get(session)?.close();
      faces.delete(session);
    });
  before?.close();
  faces.set(session, face);
}
