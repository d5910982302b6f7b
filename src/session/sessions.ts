/**
 * All sessions of this process. A session counts from its first line, so that many offers at once cannot pass the
 * limit together, and is forgotten when it has ended, whoever ended it.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type typed from 'typed-emitter';
import { TalkError } from '../element/index.js';
import { type Bounds, limitLife, UNBOUNDED } from './lifetimes.js';
import { Session, type SessionSettings } from './session.js';
import { Unmet } from './unmet.js';

/** What sessions are called: unguessable, or six digits for clients that read numbers alone. */
export type SessionIds = 'uuid' | 'number';

/** Those who wait for a place where all are taken. */
export interface Queue {
  /** How many may. */
  readonly places: number;
  /** ms that one waits at most. */
  readonly ms: number;
}

/** What one session has that the others have not. */
export interface Making {
  /** Default: a new one. */
  readonly id?: string;
  /** Graph and parameters in the place of the usual ones. */
  readonly settings?: SessionSettings;
  /** Whoever waits for a place waits no longer. */
  readonly signal?: AbortSignal;
  /** Who asked for it, for the bounds of each. Sessions of nobody, as those that stand from the start, are bounded by nothing. */
  readonly client?: string;
  /** That client is going to watch it: while it does not come, somebody else may get its place, see unmet.ts. */
  readonly awaited?: boolean;
}

/** ms that a session which makes room has to end. */
const ROOM_MS = 10_000;

/** `made`: from its first moment on, before it plays. `refused`: all places were taken. */
type Events = { made: (session: Session) => void; refused: () => void };
const Emitter = EventEmitter as unknown as new () => typed.default<Events>;

export class Sessions {
  readonly events = new Emitter();
  readonly #all = new Map<string, Session>();
  readonly #settings: SessionSettings;
  readonly limit: number;
  readonly ids: SessionIds;
  readonly #queue: Queue;
  readonly #bounds: Bounds;
  readonly #unmet: Unmet;
  /** Sessions of each client, those that it waits for included. */
  readonly #clients = new Map<string, number>();
  /** In the order in which they came; each call gives one its place. */
  readonly #waiting = new Set<() => void>();
  /** Places that were given to somebody who has not taken them yet. */
  #given = 0;
  #closing = false;
  readonly #end = new AbortController();

  /** @param limit sessions at once, starting ones included */
  constructor(
    limit: number,
    settings: SessionSettings,
    ids: SessionIds = 'uuid',
    queue: Queue = { places: 0, ms: 0 },
    bounds: Bounds = UNBOUNDED,
  ) {
    this.limit = limit;
    this.#settings = settings;
    this.ids = ids;
    this.#queue = queue;
    this.#bounds = bounds;
    this.#unmet = new Unmet(bounds.graceMs);
  }

  /** True once all are being ended. */
  get closing(): boolean {
    return this.#closing;
  }

  get size(): number {
    return this.#all.size;
  }

  /** How many wait for a place. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Neither a place nor one in the queue is left. */
  get full(): boolean {
    return !this.#free() && this.#waiting.size >= this.#queue.places;
  }

  /** The same for this client, who may get the place of somebody who does not come. */
  fullFor(client: string): boolean {
    return this.full && this.#unmet.for(client) === undefined;
  }

  /** The voice of all that do not ask for another; empty where the graph's own is meant. */
  get voice(): string {
    return String(this.#settings.parameters['voice'] ?? '');
  }

  /** Servers that help viewers to connect, as `serve` was told: `stun:HOST:PORT`, `turn:HOST:PORT`; empty for none. */
  get helpers(): { readonly stun: string; readonly turn: string } {
    const { stun = '', turn = '' } = this.#settings.parameters;
    return { stun: String(stun), turn: String(turn) };
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
    { id = this.#newId(), settings = this.#settings, signal, client, awaited = false }: Making = {},
  ): Promise<Session> {
    if (this.#closing) throw ending();
    if (client === undefined) return await this.#make(id, settings, parameters, { signal });
    this.#enter(client);
    let session: Session | undefined;
    try {
      session = await this.#make(id, settings, parameters, { signal, client });
      limitLife(session, this.#bounds);
      if (awaited) this.#unmet.add(session, client);
      return session;
    } finally {
      if (session === undefined || session.state === 'ended') this.#leave(client);
      else
        session.events.on('event', (event) => {
          if (event.type === 'state' && event.state === 'ended') this.#leave(client);
        });
    }
  }

  async #make(
    id: string,
    settings: SessionSettings,
    parameters: Readonly<Record<string, string | number>>,
    { signal, client }: { readonly signal?: AbortSignal | undefined; readonly client?: string },
  ): Promise<Session> {
    // Nothing is awaited between a free place and its taking.
    if (!this.#free()) {
      await this.#turn(signal, client === undefined ? undefined : this.#unmet.for(client));
      this.#given--;
    }
    if (this.#all.has(id)) {
      this.#admit();
      throw new TalkError('resource/busy', `There is a session ${id} already.`);
    }
    const session = new Session(id, settings, parameters);
    this.#all.set(session.id, session);
    this.events.emit('made', session);
    session.events.on('event', (event) => {
      if (event.type !== 'state' || event.state !== 'ended') return;
      this.#all.delete(session.id);
      this.#admit();
    });
    await session.start();
    return session;
  }

  /** Throws resource/quota for a client that has as many as it may. */
  #enter(client: string): void {
    const { perClient } = this.#bounds;
    const own = this.#clients.get(client) ?? 0;
    if (perClient > 0 && own >= perClient) {
      this.events.emit('refused');
      throw new TalkError(
        'resource/quota',
        `Maximum of sessions for one client reached (${own}/${perClient})`,
        {
          retryable: true,
        },
      );
    }
    this.#clients.set(client, own + 1);
  }

  #leave(client: string): void {
    const own = (this.#clients.get(client) ?? 1) - 1;
    if (own > 0) this.#clients.set(client, own);
    else this.#clients.delete(client);
  }

  /** An id that nobody has. */
  #newId(): string {
    if (this.ids === 'uuid') return randomUUID();
    for (;;) {
      const id = String(randomInt(100_000, 1_000_000));
      if (!this.#all.has(id)) return id;
    }
  }

  /** Ends all sessions and admits no more. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#end.abort();
    await Promise.all([...this.#all.values()].map((session) => session.close('the server is shutting down')));
  }

  /** A place is nobody's, and nobody waits for it. */
  #free(): boolean {
    return this.#all.size + this.#given < this.limit && this.#waiting.size === 0;
  }

  /**
   * Waits for a place, which is given when it resolves. Throws resource/quota when none came in time, or too many wait already.
   * @param room ends for it, and then one more may wait: those before it get the place, and it gets theirs
   */
  async #turn(signal?: AbortSignal, room?: Session): Promise<void> {
    if (room === undefined && this.#waiting.size >= this.#queue.places) throw this.#refused();
    const late = AbortSignal.timeout(room === undefined ? this.#queue.ms : Math.max(this.#queue.ms, ROOM_MS));
    const gone = AbortSignal.any([late, this.#end.signal, ...(signal === undefined ? [] : [signal])]);
    if (gone.aborted) throw this.#refused();
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(take);
        reject(this.#closing ? ending() : this.#refused());
      };
      const take = (): void => {
        gone.removeEventListener('abort', leave);
        this.#waiting.delete(take);
        this.#given++;
        resolve();
      };
      gone.addEventListener('abort', leave, { once: true });
      this.#waiting.add(take);
      if (room === undefined) return;
      this.#unmet.give(room);
      void room.close('nobody connected, and others wait for a place');
    });
  }

  /** Gives places to those who wait longest. */
  #admit(): void {
    for (const take of this.#waiting) {
      if (this.#all.size + this.#given >= this.limit || this.#closing) return;
      take();
    }
  }

  #refused(): TalkError {
    this.events.emit('refused');
    return new TalkError('resource/quota', `Maximum session limit reached (${this.size}/${this.limit})`, {
      retryable: true,
    });
  }
}

const ending = (): TalkError =>
  new TalkError('resource/busy', 'The server is shutting down.', { retryable: true });
