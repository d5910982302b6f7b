/** Who may come in: a token where others can reach the server, our own page alone where they cannot. */
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller, SessionTokens } from './caller.js';
import { type Keys, markOf } from './keys.js';
import { pathOf, refuse } from './refusals.js';
import { asksForPage, COOKIE, cookieOf, SIGN_IN, signInPage, signInRoutes } from './signin.js';

/** True for an address that only this machine reaches. */
export function loopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** What a log shows of a request: no token, wherever it stands. */
export function logged({ method, url, ip, id }: FastifyRequest): Record<string, unknown> {
  return { id, method, url: url.replace(/([?&](?:access_)?token=)[^&]*/gi, '$1…'), from: ip };
}

/** Whoever keeps the process running asks these, and learns nothing else by them; and what asks for a token needs none. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz']);
const OPEN: ReadonlySet<string> = new Set([...PROBES, ...SIGN_IN]);

/** Who is there and how the server was started: for those with the other token, where there is one. */
const ADMIN = /^\/(api\/admin\/|metrics$|v1\/(sessions|pool|log)$)/;
/** Who only looks: the same address makes sessions. */
const LOOKS = new Set(['GET', 'HEAD']);

/** What the token of a session opens: routes that name one, each of which looks whether it is that one. */
const OF_A_SESSION =
  /^\/((human|humanaudio|interrupt_talk|is_speaking|set_audiotype|sse|v1\/chat\/completions)$|record(\/|$)|(v1\/sessions|whep|whip)\/)/;

/** The token a request carries: header, query or cookie; empty when none. `own`: somebody wrote it there, no browser by itself. */
function carried(request: FastifyRequest): { readonly given: string; readonly own: boolean } {
  const header = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const query = urlOf(`http://local${request.url}`)?.searchParams.get('token');
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
  const written = header ?? query ?? undefined;
  return { given: written ?? (cookie === undefined ? '' : decoded(cookie)), own: written !== undefined };
}

/** Anybody may write anything into a header: what is no address is undefined. */
function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** True for a request that a page of another site made a browser send. */
function foreign({ headers, host }: FastifyRequest): boolean {
  const { origin } = headers;
  if (origin === undefined) return false;
  // A sandboxed frame of any site calls itself "null", and so does a page that sends no referrer, such as ours.
  if (origin === 'null') return headers['sec-fetch-site'] !== 'same-origin';
  return urlOf(origin)?.host !== host;
}

/** What a guard knows tokens by. */
interface Guarding {
  readonly keys: Keys;
  readonly tokens: SessionTokens;
  /** Sites whose pages may ask besides our own. */
  readonly origins?: readonly string[];
  /** Counts wrong tokens: seconds to wait once there were too many. */
  readonly guesses?: ((request: FastifyRequest) => Promise<number | undefined>) | undefined;
}

/**
 * Every request must carry a token; a page opened with it in its address gets the cookie. That of an admin opens everything, and is
 * needed for what shows all sessions; that of a session opens the routes of that one alone.
 */
export function guard(app: FastifyInstance, { keys, tokens, guesses, origins = [] }: Guarding): void {
  const callerOf = (given: string): Caller | undefined => {
    const key = keys.find(given);
    const session = tokens.caller(given);
    if (key === undefined) return session;
    return { kind: key.admin ? 'admin' : 'key', name: key.name, mark: markOf(given) };
  };
  app.addHook('onRequest', async (request, reply) => {
    // Browsers ask in this way before they send a token, and without it; no route does anything then.
    if (request.method === 'OPTIONS') return undefined;
    const path = pathOf(request.url);
    const route = request.routeOptions.url ?? path;
    if (OPEN.has(path)) return undefined;
    const { given, own } = carried(request);
    const caller = callerOf(given);
    if (caller === undefined) {
      const wait = given === '' ? undefined : await guesses?.(request);
      // A person is asked for it, in words; everything else is told.
      if (wait === undefined && asksForPage(request)) return signInPage(reply);
      if (wait !== undefined)
        return refuse(request, reply.header('retry-after', String(wait)), 429, 'Too many wrong tokens.');
      reply.header('www-authenticate', 'Bearer');
      return refuse(request, reply, 401, 'Expected the token of this server.');
    }
    request.caller = caller;
    // A browser sends the cookie also for pages of another port or a sibling name: to it they are the same site.
    if (!own && foreign(request) && !origins.includes(request.headers.origin ?? ''))
      return refuse(request, reply, 403, 'Expected a request from this server’s own page.');
    // The route counts: in an address each letter can be written in several ways.
    if (caller.kind === 'key' && keys.ranked && LOOKS.has(request.method) && ADMIN.test(route))
      return refuse(request, reply, 403, 'Expected the token of whoever runs this server.');
    if (caller.kind === 'session' && !OF_A_SESSION.test(path))
      return refuse(
        request,
        reply,
        403,
        'Expected the token of this server; that of a session opens its own routes.',
      );
    // The cookie opens pages, which no session's token does; and it would take the place of one that does.
    if (caller.kind !== 'session' && request.url.includes('token='))
      reply.header('set-cookie', cookieOf(request, given));
    return undefined;
  });
  signInRoutes(app, { known: (given) => keys.find(given) !== undefined, guesses, foreign });
}

/** What is open that is closed otherwise. */
export interface Openings {
  /** Sites whose pages may ask, as `https://example.com`; `*` for all. */
  readonly origins?: readonly string[];
  /** Whoever can reach the server may ask it, by whatever name. */
  readonly anyHost?: boolean;
}

function allowed({ headers: { origin = '' } }: FastifyRequest, origins: readonly string[]): boolean {
  return origins.includes('*') || origins.includes(origin);
}

/**
 * A site the user visits must not reach a server on the user's own machine: without a token, requests must name the
 * host they were meant for and, from a browser, come from our own page.
 */
export function sameSite(app: FastifyInstance, { origins = [], anyHost = false }: Openings = {}): void {
  app.addHook('onRequest', async (request, reply) => {
    // What asks in HTTP/1.0, as HAProxy does, names no host.
    if (PROBES.has(pathOf(request.url))) return undefined;
    const host = urlOf(`http://${request.headers.host ?? ''}`)?.hostname.replace(/^\[|\]$/g, '');
    const meant = host !== undefined && (anyHost || loopback(host));
    if (meant && (!foreign(request) || allowed(request, origins))) return undefined;
    return refuse(
      request,
      reply,
      403,
      'Expected a request from this server’s own page. Set a token to allow others.',
    );
  });
}
