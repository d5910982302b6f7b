/** Who a request comes from, and which sessions it may reach. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../session/session.js';
import type { Sessions } from '../session/sessions.js';
import { freshSecret, markOf, same } from './keys.js';

export interface Caller {
  /** `anybody` where no token is needed. */
  readonly kind: 'anybody' | 'key' | 'admin' | 'session';
  /** What the token is called. */
  readonly name: string;
  /** The beginning of its hash; empty for none. */
  readonly mark: string;
  /** The only session it may reach, of kind `session`. */
  readonly session?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
    /** The session it is about, once that is known. */
    about: string | undefined;
  }
}

const ANYBODY: Caller = { kind: 'anybody', name: '', mark: '' };

/** Each request has a caller from its beginning on. Before the routes are declared. */
export function knowCallers(app: FastifyInstance): void {
  app.decorateRequest('caller');
  app.decorateRequest('about', undefined);
  app.addHook('onRequest', async (request) => {
    request.caller = ANYBODY;
  });
}

/** The header that brings a new session's token, for answers that have no room for it. */
export const TOKEN_HEADER = 'talkgraph-session-token';

/** Tokens that are for one session alone, made when somebody is given one, and void with it. */
export class SessionTokens {
  readonly #sessions: Sessions;
  readonly #secrets = new WeakMap<Session, string>();
  /** Compared with what is for no session, so that this takes as long. */
  readonly #nobody = freshSecret();

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** `tgs.SESSION.SECRET`. */
  of(session: Session): string {
    let secret = this.#secrets.get(session);
    if (secret === undefined) {
      secret = freshSecret();
      this.#secrets.set(session, secret);
    }
    return `tgs.${session.id}.${secret}`;
  }

  /** Who has this token; undefined for one that is void, or none of ours. */
  caller(token: string): Caller | undefined {
    const [, id = '', secret = ''] = /^tgs\.([\w-]{1,64})\.([\w-]{43})$/.exec(token) ?? [];
    const session = [...this.#sessions.list()].find((one) => one.id === id);
    const wanted = session && this.#secrets.get(session);
    if (!same(secret, wanted ?? this.#nobody) || wanted === undefined) return undefined;
    return { kind: 'session', name: 'session', mark: markOf(token), session: id };
  }

  /** Gives whoever made a session its token, where tokens are needed at all. */
  give(session: Session, { caller }: FastifyRequest, reply: FastifyReply): string | undefined {
    if (caller.kind === 'anybody') return undefined;
    const token = this.of(session);
    reply.header(TOKEN_HEADER, token).header('cache-control', 'no-store');
    return token;
  }
}

/** False for a session that is not the caller's to reach; the request is about it either way. */
export function mayReach(request: FastifyRequest, id: string): boolean {
  request.about = /^[\w-]{1,64}$/.test(id) ? id : undefined;
  const { session } = request.caller;
  return session === undefined || session === id;
}

/** A session that runs and may be reached. One that is another's is told as one that is not there. */
export function reach(sessions: Sessions, request: FastifyRequest, id: string): Session | undefined {
  return mayReach(request, id) ? sessions.get(id) : undefined;
}
