/**
 * What it means when a service says no, or nothing: one table for all of them, so that "could trying again help?" is decided once.
 *
 * A service's own words are worth reading, but they may repeat what was sent. So they are short here, the key and what was said
 * are taken out of them, and those of a service that hears a conversation stay in `debug`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type ErrorCode, TalkError } from '../element/error.js';

/** Whom an error speaks of. */
export interface Party {
  /** What is asked for, as a sentence has it: `the voice edge`, `the language model`. */
  readonly what: string;
  /** Host and port of the service. */
  readonly host: string;
  /** Name of the voice engine, for those who act on errors. */
  readonly engine?: string;
  /** What a good answer is; default sound. */
  readonly expects?: string;
  /** Its own words never stand in a message: they may repeat what people said. */
  readonly discreet?: boolean;
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

/** The error of an answer whose status is not 2xx. `body`: its beginning. */
export function refused(party: Party, status: number, headers: IncomingHttpHeaders, body: string): TalkError {
  const own = party.explain?.(status, body);
  if (own !== undefined) return own;
  const { code, retryable, sentence } = meaning(status, party);
  return new TalkError(code, `${sentence}.${words(body, party)}`, {
    retryable,
    debug: answered(status, body, party),
    details: { ...facts(party), status, ...retryAfter(headers) },
  });
}

/** The error of an answer that has the wrong form. */
export function wrongType(party: Party, type: string, body: string): TalkError {
  const own = party.explain?.(200, body);
  if (own !== undefined) return own;
  const { what, host, expects = 'sound' } = party;
  const message = `Expected ${expects} from ${host} for ${what} but received ${type}.${words(body, party)}`;
  return new TalkError('stream/wrong-type', message, { details: { ...facts(party), type } });
}

/** The error of a connection that failed. `during`: what it was about to bring. */
export function broken(party: Party, cause: unknown, during: 'connect' | 'answer'): TalkError {
  if (cause instanceof TalkError) return cause;
  const { what, host } = party;
  const code = String((cause as NodeJS.ErrnoException | null)?.code ?? '');
  const why =
    during === 'connect'
      ? `${host} cannot be reached for ${what}${code === 'ECONNREFUSED' ? ': nobody listens there' : ''}`
      : `The connection to ${host} for ${what} broke off in the middle of an answer`;
  return new TalkError('resource/unreachable', `${why}.`, {
    // A certificate or a name that is wrong stays wrong.
    retryable: !/^(ENOTFOUND|CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code),
    debug: hidden(`${code} ${cause instanceof Error ? cause.message : String(cause)}`, party.hide),
    details: { ...facts(party), cause: code },
  });
}

/** What a program may want to know of whom an error speaks of. */
export function facts({ engine, host }: Party): { engine?: string; host: string } {
  return { ...(engine !== undefined && { engine }), host };
}

/** For us: the status, and the words of a service that are not for the message. */
export function answered(status: number, body: string, party: Party): string {
  return `HTTP ${status}${party.discreet ? ` ${quote(body, party)}` : ''}`.trimEnd();
}

/** What a service says of it, as a sentence behind ours; empty where it says nothing or nobody should read it. */
export function words(body: string, party: Party): string {
  const said = party.discreet ? '' : quote(body, party);
  return said === '' ? '' : ` It says: "${said}"`;
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

interface Meaning {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly sentence: string;
}

function meaning(status: number, { what, host, keys = [] }: Party): Meaning {
  const means = (code: ErrorCode, sentence: string, retryable = false): Meaning => ({
    code,
    retryable,
    sentence,
  });
  const no = `${host} refuses ${what}`;
  if (status === 401 || status === 403) {
    const advice = keys.length > 0 ? `; ${keys.join(' or ')} holds the key` : '';
    return means('resource/not-authorized', `${no} (${status})${advice}`);
  }
  if (status === 402) return means('resource/quota', `${no}: it wants to be paid (402)`);
  if (status === 404 || status === 405 || status === 410)
    return means('resource/not-found', `${host} does not know what it is asked for ${what} (${status})`);
  if (status === 429) return means('resource/rate', `${host} is asked too often for ${what} (429)`, true);
  if (status === 408 || status === 425 || (status >= 500 && status !== 501 && status !== 505))
    return means('resource/unreachable', `${host} cannot serve ${what} now (${status})`, true);
  if (status >= 300 && status < 400) {
    const right = 'expected the address where it answers itself';
    return means('resource/settings', `${host} sends ${what} elsewhere (${status}); ${right}`);
  }
  return means('resource/settings', `${host} does not accept what it is asked for ${what} (${status})`);
}

/** Seconds, or a date (RFC 9110, 10.2.3), as milliseconds from now. */
function retryAfter(headers: IncomingHttpHeaders): { retryAfterMs?: number } {
  const text = headers['retry-after'];
  if (text === undefined) return {};
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? { retryAfterMs: Math.max(0, Math.round(ms)) } : {};
}
