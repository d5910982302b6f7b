/**
 * What a chat server says when it does not answer, as one of our errors.
 *
 * Statuses and the shape `{error: {message, type, code}}`: https://platform.openai.com/docs/guides/error-codes
 */
import { z } from 'zod';
import { type ErrorCode, TalkError } from '../../element/error.js';
import { type ChatServer, host } from './server.js';

/** Characters of a refusal that are kept for us. */
const EXCERPT = 500;
/** Bytes of a refusal that are read. */
const BODY = 64 << 10;

const Problem = z.object({
  error: z.union([
    z.string(),
    z.object({ message: z.string().nullish(), type: z.string().nullish(), code: z.unknown().optional() }),
  ]),
});

interface Meaning {
  readonly code: ErrorCode;
  readonly sentence: (at: string, model: string) => string;
  readonly retryable: boolean;
}

const meaning = (code: ErrorCode, sentence: Meaning['sentence'], retryable = false): Meaning => ({
  code,
  sentence,
  retryable,
});

/** Throws what the status means, unless it is 2xx. */
export async function checkAnswer(server: ChatServer, response: Response): Promise<void> {
  if (response.ok) return;
  const { status, headers } = response;
  const problem = read(withoutKey(server, await excerpt(response)));
  const what = meaningOf(status, problem.code);
  const retryAfterMs = retryAfter(headers.get('retry-after'));
  throw new TalkError(what.code, what.sentence(host(server.url), server.model), {
    retryable: what.retryable,
    debug: `HTTP ${status} ${problem.text}`,
    details: { status, ...(retryAfterMs !== undefined && { retryAfterMs }) },
  });
}

/** An error that comes as an event, after the answer has begun. */
export function streamFailure(server: ChatServer, error: unknown): TalkError {
  const { text, code } = read(withoutKey(server, JSON.stringify({ error })));
  const status = Number(code);
  const what = meaningOf(status >= 400 ? status : 500, code);
  return new TalkError(what.code, what.sentence(host(server.url), server.model), {
    retryable: what.retryable,
    debug: text,
  });
}

function meaningOf(status: number, code: string): Meaning {
  if (code === 'insufficient_quota')
    return meaning('resource/quota', (at) => `The account at ${at} has no quota left.`);
  if (code === 'context_length_exceeded')
    return meaning('resource/quota', (at, model) => `The conversation is too long for ${model} at ${at}.`);
  if (status === 401 || status === 403)
    return meaning('resource/not-authorized', (at) => `The key is not accepted by ${at} (HTTP ${status}).`);
  if (status === 404)
    return meaning('resource/not-found', (at, model) => `There is no chat with the model ${model} at ${at}.`);
  if (status === 429)
    return meaning('resource/rate', (at) => `The language model at ${at} is asked too often.`, true);
  if (status >= 500 || status === 408)
    return meaning(
      'resource/unreachable',
      (at) => `The language model at ${at} is in trouble (HTTP ${status}).`,
      true,
    );
  if (status >= 300 && status < 400) {
    const sentence = (at: string) => `${at} sends us to another address. Set that one as llm-url.`;
    return meaning('resource/settings', sentence);
  }
  return meaning('resource/failed', (at) => `${at} refused the question (HTTP ${status}).`);
}

function read(text: string): { text: string; code: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { text: text.slice(0, EXCERPT), code: '' };
  }
  const { data } = Problem.safeParse(value);
  if (data === undefined) return { text: text.slice(0, EXCERPT), code: '' };
  if (typeof data.error === 'string') return { text: data.error.slice(0, EXCERPT), code: '' };
  const { message, type, code } = data.error;
  return { text: `${message ?? ''}`.slice(0, EXCERPT), code: String(code ?? type ?? '') };
}

/** The beginning of a body; its rest is not waited for. */
async function excerpt(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > BODY) break;
  }
  return text;
}

/** ms, from seconds or a date. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? Math.round(ms) : undefined;
}

/** Some servers repeat the key they refuse. */
function withoutKey({ key }: ChatServer, text: string): string {
  return key === undefined ? text : text.replaceAll(key, '***');
}
