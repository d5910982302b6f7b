/**
 * What is said to a WHIP server (RFC 9725): an offer for an answer, and goodbye.
 *
 * Servers differ: SRS answers with 200 and gives no address to say goodbye to. Both are fine here.
 */
import { TalkError } from '../element/index.js';
import { MAX_SDP_BYTES } from '../webrtc/sdp.js';
import { hide, type Target } from './target.js';

const SDP = 'application/sdp';
/** ms that an answer may take, and the goodbye. */
const ANSWER = 10_000;
const GOODBYE = 2000;
/** Redirections in a row: a load balancer, and one more. */
const REDIRECTIONS = 5;

/** What became of an offer. */
export interface Session {
  readonly answer: string;
  /** Where to say goodbye; undefined where the server has no such address. */
  readonly url: URL | undefined;
}

/** Posts an offer. Rejects with `resource/…` errors that tell why, without key or token. */
export async function post(target: Target, offer: string, signal: AbortSignal): Promise<Session> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER)]);
  let { url } = target;
  for (let n = 0; n <= REDIRECTIONS; n++) {
    const reply = await ask(target, url, 'POST', patience, offer);
    const location = reply.headers.get('location');
    const next =
      location !== null && URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
    if (reply.status === 307 || reply.status === 308) {
      await reply.body?.cancel();
      if (next === undefined || !mayGo(url, next)) throw refused(target, 'it sends us where we cannot go');
      url = next;
      continue;
    }
    if (reply.status !== 201 && reply.status !== 200) throw await failure(target, reply);
    const goodbye = next !== undefined && mayGo(url, next) ? next : undefined;
    const answer = await read(reply).catch(async (error: unknown) => {
      if (goodbye !== undefined) await remove(target, goodbye);
      throw lost(target, error);
    });
    return { answer, url: goodbye };
  }
  throw refused(target, `it sends us on more than ${REDIRECTIONS} times`);
}

/** Whether token and offer may follow: they go where the server sends us, but not out of the encryption that they came in. */
function mayGo({ protocol }: URL, next: URL): boolean {
  return next.protocol === 'https:' || (next.protocol === 'http:' && protocol === 'http:');
}

/** Says goodbye. What goes wrong is the server's business: it notices anyway that nobody is there. */
export async function remove(target: Target, url: URL): Promise<void> {
  const reply = await ask(target, url, 'DELETE', AbortSignal.timeout(GOODBYE)).catch(() => undefined);
  await reply?.body?.cancel();
}

async function ask(
  target: Target,
  url: URL,
  method: string,
  signal: AbortSignal,
  body?: string,
): Promise<Response> {
  const { token } = target;
  const bare = new URL(url);
  const { username, password } = bare;
  [bare.username, bare.password] = ['', ''];
  const basic = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  const authorization = token !== '' ? `Bearer ${token}` : username !== '' ? basic : undefined;
  try {
    return await fetch(bare, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        ...(body === undefined ? {} : { 'content-type': SDP, accept: SDP }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    throw lost(target, error);
  }
}

/** The body, as long as it can be an answer. */
async function read(reply: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of reply.body ?? []) {
    bytes += piece.length;
    if (bytes > MAX_SDP_BYTES) throw new Error('its answer is too long');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Why statuses that people meet come. */
const REASONS: Readonly<Record<number, string>> = {
  301: 'it sends us on as no server of WHIP does, by another status than 307 or 308',
  302: 'it sends us on as no server of WHIP does, by another status than 307 or 308',
  401: 'it does not take the token',
  403: 'it does not take the token',
  404: 'it has no such address',
  405: 'that is no address of WHIP',
  409: 'somebody publishes there already',
  503: 'it is full, or not ready',
};

async function failure(target: Target, reply: Response): Promise<TalkError> {
  await reply.body?.cancel();
  const after = secondsOf(reply.headers.get('retry-after') ?? '');
  const reason = REASONS[reply.status];
  const told = reason === undefined ? `status ${reply.status}` : `${reason} (status ${reply.status})`;
  return refused(target, told, after > 0 ? { retryAfter: after } : {});
}

/** What `Retry-After` says, in seconds from now: a number of them, or a date (RFC 9110 10.2.3); 0 for what is neither. */
function secondsOf(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? seconds : 0;
}

function refused(target: Target, why: string, details: Record<string, unknown> = {}): TalkError {
  return new TalkError('resource/unreachable', `No connection to ${target.shown}: ${why}.`, {
    retryable: true,
    details,
  });
}

/** The network, or our patience. */
function lost(target: Target, error: unknown): TalkError {
  if (error instanceof TalkError) return error;
  if (error instanceof Error && error.name === 'TimeoutError')
    return refused(target, `it did not answer within ${ANSWER / 1000} s`);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text =
    cause instanceof Error ? cause.message || String((cause as { code?: string }).code) : 'unknown';
  return refused(target, hide(text, target));
}
