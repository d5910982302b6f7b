/**
 * The HTTP server: LiveTalking's routes, the event stream, and the page.
 *
 * Secure by default: it listens on loopback; any other address needs a token, sent as `Authorization: Bearer …` or
 * once as `?token=…` (which the browser keeps as a cookie for the page's own requests).
 */
import { timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { TalkError } from '../element/index.js';
import type { Sessions } from '../session/sessions.js';
import { failed } from './contract/livetalking.js';
import { eventRoutes } from './routes/events.js';
import { humanRoutes } from './routes/human.js';
import { offerRoute } from './routes/offer.js';

export interface ServerOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  readonly token?: string;
  /** Log requests and problems as JSON lines on stderr. */
  readonly log?: boolean;
}

/** A body holds an SDP or a long text; nothing of either is larger. */
const BODY = 1024 * 1024;
const COOKIE = 'talkgraph_token';

const web = fileURLToPath(new URL('../../../web/', import.meta.url));

function loopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** The host of a Host header, without port and brackets; empty when it is none. */
function hostname(header: string): string {
  const url = `http://${header}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The token a request carries: header, query or cookie; empty when none. */
function carried(request: FastifyRequest): string {
  const header = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const query = new URL(request.url, 'http://local').searchParams.get('token');
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
  return header ?? query ?? (cookie === undefined ? '' : decodeURIComponent(cookie));
}

/** Every request must carry `token`; a page opened with it in its address gets the cookie. */
function guard(app: FastifyInstance, token: string): void {
  app.addHook('onRequest', async (request, reply) => {
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
 * host they were meant for and, from a browser, come from our own page. `Origin: null` is no proof of that: any site's
 * sandboxed frame sends it.
 */
function sameSite(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const host = hostname(request.headers.host ?? '');
    const { origin } = request.headers;
    if (loopback(host) && (origin === undefined || origin === `http://${request.headers.host}`))
      return undefined;
    return reply
      .code(403)
      .send(failed('Expected a request from this server’s own page. Set a token to allow others.'));
  });
}

/** Listens and returns the address; `close` ends all sessions, then the server. */
export async function serve(
  sessions: Sessions,
  options: ServerOptions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { host, port, token } = options;
  if (!loopback(host) && !token) {
    throw new TalkError(
      'resource/settings',
      `Expected a token for the address ${host}, which others can reach: set TALKGRAPH_TOKEN, or listen on 127.0.0.1.`,
    );
  }
  const app = Fastify({
    logger: options.log ? { stream: process.stderr } : false,
    bodyLimit: BODY,
    forceCloseConnections: true,
  });
  if (token) guard(app, token);
  else sameSite(app);
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'same-origin');
    reply.header(
      'content-security-policy',
      "default-src 'self'; img-src 'self' data:; media-src 'self' blob: mediastream:; frame-ancestors 'self'",
    );
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    const words =
      status >= 500 ? 'Something went wrong inside the server; its log says more.' : error.message;
    return reply.code(status).send(failed(words));
  });

  offerRoute(app, sessions);
  humanRoutes(app, sessions);
  eventRoutes(app, sessions);
  await app.register(fastifyStatic, { root: web, index: 'index.html' });
  app.get('/webrtcapi.html', (_request, reply) => reply.sendFile('index.html'));

  const url = await app.listen({ host, port });
  return {
    url,
    async close() {
      await sessions.close();
      await app.close();
    },
  };
}
