/** Who may come in: a token where others can reach the server, our own page alone where they cannot. */
import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { failed } from './contract/livetalking.js';

const COOKIE = 'talkgraph_token';

/** True for an address that only this machine reaches. */
export function loopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The token a request carries: header, query or cookie; empty when none. */
function carried(request: FastifyRequest): string {
  const header = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const query = urlOf(`http://local${request.url}`)?.searchParams.get('token');
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
  return header ?? query ?? (cookie === undefined ? '' : decoded(cookie));
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
function foreign({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return false;
  // A sandboxed frame of any site calls itself "null", and so does a page that sends no referrer, such as ours.
  if (origin === 'null') return headers['sec-fetch-site'] !== 'same-origin';
  return urlOf(origin)?.host !== host;
}

/** Every request must carry `token`; a page opened with it in its address gets the cookie. */
export function guard(app: FastifyInstance, token: string): void {
  app.addHook('onRequest', async (request, reply) => {
    // Browsers ask in this way before they send a token, and without it; no route does anything then.
    if (request.method === 'OPTIONS') return undefined;
    if (!same(carried(request), token)) {
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send(failed('Expected the token of this server.'));
    }
    if (request.url.includes('token=')) {
      reply.header('set-cookie', `${COOKIE}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/`);
    }
    return undefined;
  });
}

/**
 * A site the user visits must not reach a server on the user's own machine: without a token, requests must name the
 * host they were meant for and, from a browser, come from our own page.
 */
export function sameSite(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const host = urlOf(`http://${request.headers.host ?? ''}`)?.hostname.replace(/^\[|\]$/g, '');
    if (host !== undefined && loopback(host) && !foreign(request)) return undefined;
    return reply
      .code(403)
      .send(failed('Expected a request from this server’s own page. Set a token to allow others.'));
  });
}
