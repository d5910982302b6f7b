/**
 * Sessions, viewers and speakers by SDP offers: what `/offer`, WHEP and WHIP have in common.
 */
import { isAvatarId } from '../avatar/index.js';
import { TalkError } from '../element/index.js';
import type { Session } from '../session/session.js';
import type { Sessions } from '../session/sessions.js';
import { mayAskFor } from '../session/voices.js';
import { VIDEO_CODECS } from '../webrtc/codecs.js';
import { type Purpose, readOffer } from '../webrtc/offer.js';
import type { Answer, ViewerSink } from '../webrtc/viewers.js';

/** What a new session is to be; empty texts are the defaults. */
export interface Wish {
  readonly avatar?: string;
  readonly voice?: string;
  /** Folder of more clips. */
  readonly clips?: string | undefined;
  /** Who asks, as limits count. */
  readonly client: string;
}

export class Signalling {
  readonly sessions: Sessions;

  constructor(sessions: Sessions) {
    this.sessions = sessions;
  }

  /** Throws `resource/settings` for a wish that nobody may have. */
  static async check({ avatar = '', voice = '' }: Omit<Wish, 'client'>): Promise<void> {
    if (avatar !== '' && !isAvatarId(avatar)) throw unwanted('the id of an avatar', avatar);
    if (!(await mayAskFor(voice))) throw unwanted('the name of a voice', voice);
  }

  /** A new session with its first viewer. When the offer is refused there is none. What is wished for has been checked. `signal`: nobody waits any more. */
  async open(
    offer: unknown,
    wish: Wish,
    purpose: Purpose,
    signal?: AbortSignal,
  ): Promise<{ readonly session: Session; readonly answer: Answer }> {
    // Read once more when it is answered; what cannot be is not worth a session.
    readOffer(offer, { codecs: VIDEO_CODECS }, purpose);
    const { avatar = '', voice = '', clips, client } = wish;
    const parameters = {
      ...(avatar === '' ? {} : { avatar }),
      ...(voice === '' ? {} : { voice }),
      ...(clips === undefined ? {} : { clips }),
    };
    const session = await this.sessions.create(parameters, {
      client,
      awaited: true,
      ...(signal && { signal }),
    });
    try {
      return { session, answer: await viewersOf(session).answer(offer, purpose) };
    } catch (error) {
      await session.close('the offer was refused');
      throw error;
    }
  }

  /** Somebody joins a session that runs. Throws `resource/not-found` when it does not. */
  join(id: string, offer: unknown, purpose: Purpose): Promise<Answer> {
    return viewersOf(this.#running(id)).answer(offer, purpose);
  }

  /** Somebody leaves; throws `resource/not-found` when they are not there. */
  async leave(id: string, viewer: string): Promise<void> {
    if (!(await viewersOf(this.#running(id)).endViewer(viewer))) throw gone();
  }

  /** True while they are there, connected or not. */
  has(id: string, viewer: string): boolean {
    const session = this.sessions.get(id);
    return (
      session !== undefined &&
      viewersOf(session)
        .audience()
        .some((one) => one.id === viewer)
    );
  }

  /** More candidates of somebody who is there. */
  async trickle(id: string, viewer: string, fragment: unknown): Promise<void> {
    if (!(await viewersOf(this.#running(id)).trickle(viewer, fragment))) throw gone();
  }

  #running(id: string): Session {
    const session = this.sessions.get(id);
    if (session === undefined) throw new TalkError('resource/not-found', 'There is no such session.');
    return session;
  }
}

/** The sink at the `out` end of a session's graph. Throws `resource/not-found` when that has no viewers (a file, RTMP). */
function viewersOf(session: Session): ViewerSink {
  const sink = session.out?.instance as unknown as Partial<ViewerSink> | undefined;
  if (typeof sink?.answer === 'function') return sink as ViewerSink;
  throw new TalkError(
    'resource/not-found',
    'This session has no viewers: its graph does not end in a webrtcsink.',
  );
}

function unwanted(expected: string, received: string): TalkError {
  return new TalkError('resource/settings', `Expected ${expected} but received '${received}'.`);
}

function gone(): TalkError {
  return new TalkError('resource/not-found', 'There is nobody of this id in the session.');
}
