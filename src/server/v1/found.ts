/** The session that a request under `/v1` is about. */
import type { Session } from '../../session/session.js';
import type { Sessions } from '../../session/sessions.js';
import { mayReach } from '../caller.js';
import { type ApiRequest, Refusal } from './api.js';
import { Unseen } from './unseen.js';

/** ms for which a session may be seen and driven by nobody. */
const UNSEEN = 5 * 60_000;

export class Found {
  readonly #sessions: Sessions;
  readonly #unseen = new Unseen(UNSEEN);

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** In whatever state it is. Throws Refusal for one that is not there, or not the caller's. */
  any(request: ApiRequest, id = request.params['id'] ?? ''): Session {
    const found = [...this.#sessions.list()].find((one) => one.id === id);
    if (!mayReach(request, id) || found === undefined) throw new Refusal(404, 'There is no such session.');
    return found;
  }

  /** One that can be driven. Throws Refusal. */
  running(request: ApiRequest, id?: string): Session {
    const session = this.any(request, id);
    if (session.state !== 'running') throw new Refusal(409, `The session is ${session.state}.`, 1);
    this.#unseen.touch(session);
    return session;
  }

  /** Somebody has made it, or is there. */
  touch(session: Session): void {
    this.#unseen.touch(session);
  }
}
