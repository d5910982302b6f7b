/**
 * All sessions of this process. A session counts from its first line, so that many offers at once cannot pass the
 * limit together, and is forgotten when it has ended, whoever ended it.
 */
import { randomUUID } from 'node:crypto';
import { TalkError } from '../element/index.js';
import { Session, type SessionSettings } from './session.js';

export class Sessions {
  readonly #all = new Map<string, Session>();
  readonly #settings: SessionSettings;
  readonly limit: number;
  #closing = false;

  /** @param limit sessions at once, starting ones included */
  constructor(limit: number, settings: SessionSettings) {
    this.limit = limit;
    this.#settings = settings;
  }

  get size(): number {
    return this.#all.size;
  }

  get full(): boolean {
    return this.#all.size >= this.limit;
  }

  get(id: string): Session | undefined {
    const session = this.#all.get(id);
    return session?.state === 'running' ? session : undefined;
  }

  /** All of them, those that start or end included. */
  list(): Iterable<Session> {
    return this.#all.values();
  }

  /** Builds and starts a session; `parameters` bind those of the graph. Throws TalkError; nothing is left behind then. */
  async create(parameters: Readonly<Record<string, string | number>> = {}): Promise<Session> {
    if (this.#closing)
      throw new TalkError('resource/busy', 'The server is shutting down.', { retryable: true });
    if (this.full) {
      throw new TalkError('resource/quota', `Maximum session limit reached (${this.size}/${this.limit})`, {
        retryable: true,
      });
    }
    const session = new Session(randomUUID(), this.#settings, parameters);
    this.#all.set(session.id, session);
    session.events.on('event', (event) => {
      if (event.type === 'state' && event.state === 'ended') this.#all.delete(session.id);
    });
    await session.start();
    return session;
  }

  /** Ends all sessions and admits no more. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#all.values()].map((session) => session.close('the server is shutting down')));
  }
}
