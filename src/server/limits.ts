/** How often one client may ask, by what it asks for, and how slowly it may send. */
import { isIP } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Requests a minute from one address. */
export interface Rates {
  /** New sessions and viewers. */
  readonly offers: number;
  /** Texts said by services that may cost money; videos that become avatars; recordings. */
  readonly work: number;
  /** Everything else. */
  readonly other: number;
}

export const RATES: Rates = { offers: 120, work: 120, other: 3000 };

/** ms that the body of an ordinary request may take; a form may take longer, as long as it gets on. */
export const BODY_MS = 20_000;

const OFFER = /^\/(offer|whep(\/:session)?|whip\/:session|v1\/sessions(\/:id\/offer)?)$/;
const WORK =
  /^\/(v1\/audio\/speech|v1\/chat\/completions|v1\/sessions\/:id\/(record|outputs)|api\/avatar\/task|humanaudio|record)$/;

/** By the route and not by the address, in which each letter can be written in several ways. */
function kind({ method, routeOptions: { url: path = '' } }: FastifyRequest): keyof Rates {
  if (method !== 'POST') return 'other';
  if (OFFER.test(path)) return 'offers';
  return WORK.test(path) ? 'work' : 'other';
}

/** Who counts as one: an address, or the network of one in IPv6, where everybody has 2^64 of them (RFC 6177). */
export function clientOf(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped !== undefined) return mapped;
  // As URL writes it: in the shortest form, with at most one `::`.
  const [head = '', tail] = new URL(`http://[${ip.split('%', 1)[0]}]`).hostname.slice(1, -1).split('::');
  const before = head.split(':').filter((part) => part !== '');
  const after = (tail ?? '').split(':').filter((part) => part !== '');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return `${[...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':')}::/64`;
}

/** Refuses more with 429 and `Retry-After`. Before the routes are declared. */
export async function limitRates(app: FastifyInstance, rates: Rates): Promise<void> {
  await app.register(rateLimit, {
    global: true,
    timeWindow: 60_000,
    // Addresses that are remembered; the oldest is forgotten.
    cache: 10_000,
    keyGenerator: (request) => `${kind(request)} ${clientOf(request.ip)}`,
    max: (request) => rates[kind(request)],
    errorResponseBuilder: (_request, { max, ttl }) => {
      const seconds = Math.ceil(ttl / 1000);
      const message = `Expected at most ${max} such requests a minute; try again in ${seconds} s.`;
      return Object.assign(new Error(message), { statusCode: 429 });
    },
  });
}

/** Wrong tokens a minute from one address. */
const GUESSES = 30;

/** Counts wrong tokens: resolves with the seconds to wait, once there were too many. */
export function limitGuesses(app: FastifyInstance): (request: FastifyRequest) => Promise<number | undefined> {
  const count = app.createRateLimit({
    max: GUESSES,
    timeWindow: 60_000,
    keyGenerator: ({ ip }) => `guess ${clientOf(ip)}`,
  });
  return async (request) => {
    const limit = await count(request);
    return limit.isAllowed || !limit.isExceeded ? undefined : limit.ttlInSeconds;
  };
}

/** Bytes that must come in the time of an ordinary body, of one that may be long: 3 KiB a second. */
const LEAST = 64 << 10;

/** Lets go of who sends a body a byte at a time: an ordinary one must be whole `within` so many ms, a form must get on. */
export function limitSlowBodies(app: FastifyInstance, within: number): void {
  app.addHook('preParsing', async ({ raw, headers }, reply, payload) => {
    // Without a body none is read to its end: a stream of events would be ended for it.
    const sends = Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined;
    if (!sends || headers.upgrade !== undefined) return payload;
    const { socket } = raw;
    const long = headers['content-type']?.startsWith('multipart/') === true;
    let before = socket.bytesRead;
    const timer = setInterval(() => {
      const came = socket.bytesRead - before;
      before = socket.bytesRead;
      if (!long || came < LEAST) socket.destroy();
    }, within);
    for (const over of ['end', 'close', 'error']) payload.once(over, () => clearInterval(timer));
    // A form that is refused is read no further, and is over with its answer.
    reply.raw.once('close', () => clearInterval(timer));
    return payload;
  });
}
