/** What a client is told when something went wrong; what is not ours to explain stays in the log. */
import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { TalkError } from '../element/index.js';

/** Seconds after which a place may be free. */
export const RETRY_AFTER = 5;

/** The sentence a person reads. */
export function sentence(error: unknown): string {
  return error instanceof TalkError
    ? error.message
    : 'Something went wrong inside the server; its log says more.';
}

/** OpenAI's routes, whose clients read `error.message` and show nothing where there is none. */
const OPENAI = /^\/v1\/(chat\/completions|audio\/speech|models)(\?|$)/;

/**
 * An answer of RFC 9457, for routes that are not LiveTalking's.
 * @param retryAfter seconds after which the same request may succeed
 */
export function problem(
  reply: FastifyReply,
  status: number,
  detail: string,
  retryAfter?: number,
): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(retryAfter)));
  const title = STATUS_CODES[status] ?? 'Error';
  const body = {
    ...{ type: 'about:blank', title, status, detail },
    ...(OPENAI.test(reply.request.url) && {
      error: { message: detail, type: title, param: null, code: null },
    }),
  };
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify(body));
}

/** The HTTP status of an error; 500 for what is not ours to explain. */
export function statusOf(error: unknown): number {
  if (!(error instanceof TalkError)) return 500;
  if (error.code === 'stream/format') return error.details['understood'] === true ? 422 : 400;
  return STATUS[error.code] ?? 500;
}

const STATUS: Readonly<Record<string, number>> = {
  'resource/settings': 400,
  'resource/not-found': 404,
  'core/state-change': 409,
  'resource/busy': 503,
  'resource/quota': 503,
  'resource/unreachable': 503,
};
