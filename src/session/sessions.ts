/**
 * All sessions of this process. A session counts from its first line, so that many offers at once cannot pass the
 * limit together, and is forgotten when it has ended, whoever ended it.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type typed from 'typed-emitter';
import { TalkError } from '../element/index.js';
import { Session, type SessionSettings } from './session.js';

/** What sessions are called: unguessable, or six digits for clients that read numbers alone. */
export type SessionIds = 'uuid' | 'number';

/** What one session has that the others have not. */
export interface Making {
  /** Default: a new one. */
  readonly id?: string;
  /** Graph and parameters in the place of the usual ones. */
  readonly settings?: SessionSettings;
}

/** `made`: from its first moment on, before it plays. `refused`: all places were taken. */
type Events = { made: (session: Session) => void; refused: () => void };
const Emitter = EventEmitter as unknown as new () => typed.default<Events>;

export class Sessions {
  readonly events = new Emitter();
  readonly #all = new Map<string, Session>();
  readonly #settings: SessionSettings;
  readonly limit: number;
  readonly ids: SessionIds;
  #closing = false;

  /** @param limit sessions at once, starting ones included */
  constructor(limit: number, settings: SessionSettings, ids: SessionIds = 'uuid') {
    this.limit = limit;
    this.#settings = settings;
    this.ids = ids;
  }

  /** True once all are being ended. */
  get closing(): boolean {
    return this.#closing;
  }

  get size(): number {
    return this.#all.size;
  }

  get full(): boolean {
    return this.#all.size >= this.limit;
  }

  /** The voice of all that do not ask for another; empty where the graph's own is meant. */
  get voice(): string {
    return String(this.#settings.parameters['voice'] ?? '');
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
  async create(
    parameters: Readonly<Record<string, string | number>> = {},
    { id = this.#free(), settings = this.#settings }: Making = {},
  ): Promise<Session> {
    if (this.#closing)
      throw new TalkError('resource/busy', 'The server is shutting down.', { retryable: true });
    if (this.full) {
      this.events.emit('refused');
      throw new TalkError('resource/quota', `Maximum session limit reached (${this.size}/${this.limit})`, {
        retryable: true,
      });
    }
    if (this.#all.has(id)) throw new TalkError('resource/busy', `There is a session ${id} already.`);
    const session = new Session(id, settings, parameters);
    this.#all.set(session.id, session);
    this.events.emit('made', session);
    session.events.on('event', (event) => {
      if (event.type === 'state' && event.state === 'ended') this.#all.delete(session.id);
    });
    await session.start();
    return session;
  }

  /** An id that nobody has. */
  #free(): string {
    if (this.ids === 'uuid') return randomUUID();
    for (;;) {
      const id = String(randomInt(100_000, 1_000_000));
      if (!this.#all.has(id)) return id;
    }
  }

  /** Ends all sessions and admits no more. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#all.values()].map((session) => session.close('the server is shutting down')));
  }
}
