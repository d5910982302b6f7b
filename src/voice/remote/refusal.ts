/**
 * What it means when a service says no, or nothing: one table for all voices, so that "could trying again help?" is decided once.
 *
 * A service's own words are worth reading, but they may repeat what was sent. So they are short here, and the key and
 * the text that was to be said are taken out of them.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type ErrorCode, TalkError } from '../../element/error.js';

/** Whom an error speaks of. */
export interface Party {
  /** Name of the voice engine. */
  readonly engine: string;
  /** Host and port of the service. */
  readonly host: string;
  /** What must never be read in an error: keys, tokens, what was to be said. */
  readonly hide: readonly string[];
  /** Environment variables that hold the key, for the advice. */
  readonly keys?: readonly string[];
  /** What the service means when it says no in a way of its own. */
  readonly explain?: (status: number, body: string) => TalkError | undefined;
}

/** Longest quotation of a service, characters. */
const QUOTE = 200;
/** Shorter secrets would tear holes into every word. */
const SHORTEST = 4;

/** The error of an answer that is no sound. `body`: its beginning. */
export function refused(party: Party, status: number, headers: IncomingHttpHeaders, body: string): TalkError {
  const own = party.explain?.(status, body);
  if (own !== undefined) return own;
  const { engine, host } = party;
  const said = quote(body, party);
  const { code, retryable, sentence } = meaning(status, party);
  const words = said === '' ? '' : ` It says: "${said}"`;
  return new TalkError(code, `${sentence}.${words}`, {
    retryable,
    debug: `HTTP ${status}`,
    details: { engine, host, status, ...retryAfter(headers) },
  });
}

/** The error of an answer that has the wrong form. */
export function wrongType(party: Party, type: string, body: string): TalkError {
  const own = party.explain?.(200, body);
  if (own !== undefined) return own;
  const { engine, host } = party;
  const said = quote(body, party);
  const words = said === '' ? '' : ` It says: "${said}"`;
  const message = `Expected sound from ${host} for the voice ${engine} but received ${type}.${words}`;
  return new TalkError('stream/wrong-type', message, { details: { engine, host, type } });
}

/** The error of a connection that failed. `during`: what it was about to bring. */
export function broken(party: Party, cause: unknown, during: 'connect' | 'answer'): TalkError {
  if (cause instanceof TalkError) return cause;
  const { engine, host } = party;
  const code = String((cause as NodeJS.ErrnoException | null)?.code ?? '');
  const why =
    during === 'connect'
      ? `${host} cannot be reached for the voice ${engine}${code === 'ECONNREFUSED' ? ': nobody listens there' : ''}`
      : `The connection to ${host} broke off in the middle of what the voice ${engine} said`;
  return new TalkError('resource/unreachable', `${why}.`, {
    // A certificate or a name that is wrong stays wrong.
    retryable: !/^(ENOTFOUND|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code),
    debug: hidden(`${code} ${cause instanceof Error ? cause.message : String(cause)}`, party.hide),
    details: { engine, host, cause: code },
  });
}

/** A text without what must not be read, whole or as it stands in JSON or an address. */
export function hidden(text: string, hide: readonly string[]): string {
  let clean = text;
  for (const secret of hide) {
    if (secret.trim().length < SHORTEST) continue;
    const ascii = JSON.stringify(secret).replace(/[\u0080-\uffff]/g, (char) => {
      return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
    const ways = [secret, secret.trim(), JSON.stringify(secret).slice(1, -1), ascii.slice(1, -1)];
    for (const way of [...ways, encoded(secret)]) clean = clean.replaceAll(way, '…');
  }
  return clean;
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // A lone half of a pair has no form in an address, so it is in none.
    return text;
  }
}

/** A service's own words: the sentence in its JSON, or the beginning of its text. */
export function quote(body: string, { hide }: Party): string {
  const text = hidden(wordsOf(body), hide)
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return text.length > QUOTE ? `${text.slice(0, QUOTE)}…` : text;
}

function wordsOf(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body;
  }
  return sentenceIn(value, 0) ?? '';
}

/** The first text under one of the names that services use: FastAPI `detail[].msg`, OpenAI `error.message`, Tencent `Response.Error.Message`, … */
function sentenceIn(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value;
  if (depth > 5 || typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return sentenceIn(value[0], depth + 1);
  const record = value as Record<string, unknown>;
  for (const name of ['error', 'detail', 'message', 'Message', 'msg', 'Exception', 'Error', 'Response']) {
    const found = sentenceIn(record[name], depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function meaning(
  status: number,
  { engine, host, keys = [] }: Party,
): { code: ErrorCode; retryable: boolean; sentence: string } {
  const who = `${host} refuses the voice ${engine}`;
  if (status === 401 || status === 403) {
    const advice = keys.length > 0 ? `; ${keys.join(' or ')} holds the key` : '';
    return { code: 'resource/not-authorized', retryable: false, sentence: `${who} (${status})${advice}` };
  }
  if (status === 402)
    return { code: 'resource/quota', retryable: false, sentence: `${who}: it wants to be paid (402)` };
  if (status === 404 || status === 405 || status === 410) {
    return {
      code: 'resource/not-found',
      retryable: false,
      sentence: `${host} does not know what the voice ${engine} asks for (${status})`,
    };
  }
  if (status === 429) {
    return {
      code: 'resource/rate',
      retryable: true,
      sentence: `${host} is asked too often by the voice ${engine} (429)`,
    };
  }
  if (status === 408 || status === 425 || (status >= 500 && status !== 501 && status !== 505)) {
    return {
      code: 'resource/unreachable',
      retryable: true,
      sentence: `${host} cannot serve the voice ${engine} now (${status})`,
    };
  }
  if (status >= 300 && status < 400) {
    return {
      code: 'resource/settings',
      retryable: false,
      sentence: `${host} sends the voice ${engine} elsewhere (${status}); expected the address where it answers itself`,
    };
  }
  return {
    code: 'resource/settings',
    retryable: false,
    sentence: `${host} does not accept what the voice ${engine} asks (${status})`,
  };
}

/** Seconds, or a date (RFC 9110, 10.2.3), as milliseconds from now. */
function retryAfter(headers: IncomingHttpHeaders): { retryAfterMs?: number } {
  const text = headers['retry-after'];
  if (text === undefined) return {};
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? { retryAfterMs: Math.max(0, Math.round(ms)) } : {};
}
