/** What is answered where no route answers, in the form that whoever asks there reads: LiveTalking's, or problem details. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { failed } from './contract/livetalking.js';
import { problem } from './problem.js';

/** Routes that are not LiveTalking's say what is wrong as the web does. */
const OURS = /^\/(v1|whep|whip)(\/|$)/;

/** Path of an address. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? '';

/** Answers with a refusal. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  why: string,
): FastifyReply {
  return OURS.test(pathOf(request.url)) ? problem(reply, status, why) : reply.code(status).send(failed(why));
}

/** Of an address that cannot be read: fastify runs no hook for it, so nothing else has said what goes with every answer. */
export function refuseAddress(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  guarded(reply);
  refuse(request, reply, 400, 'Expected an address whose parts behind a % are two digits of UTF-8 each.');
}

/** What keeps a browser from taking an answer for something else. */
export function guarded(reply: FastifyReply): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'same-origin');
  reply.header(
    'content-security-policy',
    "default-src 'self'; img-src 'self' data:; media-src 'self' blob: mediastream:; frame-ancestors 'self'",
  );
}

/** Refuses bodies that are compressed: nobody unpacks them here. Before the routes are declared. */
export function refusePacked(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const packed = request.headers['content-encoding'] ?? 'identity';
    if (/^(identity)?$/i.test(packed.trim())) return undefined;
    reply.header('accept-encoding', 'identity');
    return refuse(request, reply, 415, `Expected a body without content-encoding but received ${packed}.`);
  });
}

/**
 * Answers requests that no route is there for: 405 with `Allow` where the address is known by other methods, as RFC 9110 15.5.6 has it, else
 * 404; and `OPTIONS` with what is allowed. Before the routes are declared.
 */
export function refuseUnknown(app: FastifyInstance): void {
  const routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  app.addHook('onRoute', ({ url, method }) => {
    // Files, and a page's questions before it asks: anything could be one.
    if (FILES.has(url)) return;
    const known = routes.get(url) ?? { pattern: patternOf(url), methods: new Set(['OPTIONS']) };
    for (const one of [method].flat()) known.methods.add(one);
    routes.set(url, known);
  });
  const unknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { method, url } = request;
    const path = pathOf(url);
    const found = [...routes.values()].filter(({ pattern }) => pattern.test(path));
    const allowed = [...new Set(found.flatMap(({ methods }) => [...methods]))].sort().join(', ');
    if (allowed === '') return refuse(request, reply, 404, `There is no ${method} ${path} here.`);
    reply.header('allow', allowed);
    if (method === 'OPTIONS') return reply.code(204).send();
    return refuse(request, reply, 405, `There is no ${method} ${path} here; there is ${allowed}.`);
  };
  app.setNotFoundHandler(unknown);
  // Before a body is read: what is in it matters to nobody, and may be anything.
  app.addHook('preParsing', async (request, reply) => (request.is404 ? unknown(request, reply) : undefined));
}

const FILES: ReadonlySet<string> = new Set(['*', '/*', '/client/*']);

/** Addresses of a route, as fastify writes it: `/v1/sessions/:id`, `/record/*`. */
function patternOf(route: string): RegExp {
  const parts = route.split('/').map((part) => {
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : part.replace(/[^\w]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('/')}$`);
}
