/**
 * Asks a person for the server's token, so that it need not stand in an address: a page, and what makes a cookie of what is typed there.
 */
import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { problem } from './problem.js';

export const COOKIE = 'talkgraph_token';

/** What the page that asks is made of; it shows nothing of the server. */
export const SIGN_IN: readonly string[] = [
  '/v1/token',
  '/theme.js',
  '/look.css',
  '/signin.css',
  '/signin.js',
  '/words.js',
  '/words-zh.js',
];

const PAGE = readFileSync(new URL('../../../web/signin.html', import.meta.url));

/** True for a person who opens a page, and not for a script that asks for data. */
export function asksForPage({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && headers.accept?.includes('text/html') === true;
}

export function signInPage(reply: FastifyReply): FastifyReply {
  return reply
    .code(401)
    .header('www-authenticate', 'Bearer')
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(PAGE);
}

/** The cookie that brings a token with every request of our pages, and of no other site's; with nothing, one that is over. */
export function cookieOf({ protocol }: FastifyRequest, token: string): string {
  const secure = protocol === 'https' ? '; Secure' : '';
  const over = token === '' ? '; Max-Age=0' : '';
  return `${COOKIE}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/${secure}${over}`;
}

const Given = z.strictObject({ token: z.string().min(1).max(1000) });

interface SigningIn {
  /** It is a token of the server. */
  readonly known: (given: string) => boolean;
  /** Counts wrong tokens: seconds to wait once there were too many. */
  readonly guesses: ((request: FastifyRequest) => Promise<number | undefined>) | undefined;
  /** Another site's page makes a browser ask. */
  readonly foreign: (request: FastifyRequest) => boolean;
}

/** `POST` and `DELETE /v1/token`: a cookie for the token of the server, and none any more. */
export function signInRoutes(app: FastifyInstance, { known, guesses, foreign }: SigningIn): void {
  app.post('/v1/token', async (request, reply) => {
    if (foreign(request)) return problem(reply, 403, 'Expected a request from this server’s own page.');
    const given = Given.safeParse(request.body);
    if (!given.success) return problem(reply, 400, 'Expected {"token": "…"}, the token of this server.');
    const { token } = given.data;
    if (!known(token)) {
      const wait = await guesses?.(request);
      return wait === undefined
        ? problem(reply, 401, 'This is not a token of this server.')
        : problem(reply, 429, 'Too many wrong tokens.', wait);
    }
    return reply.code(204).header('set-cookie', cookieOf(request, token)).send();
  });

  app.delete('/v1/token', async (request, reply) => {
    if (foreign(request)) return problem(reply, 403, 'Expected a request from this server’s own page.');
    return reply.code(204).header('set-cookie', cookieOf(request, '')).send();
  });
}
