/**
 * HTTP to one service: connections that are kept, answers as they arrive, and an end at once.
 *
 * On `node:http` and not on `fetch`: a GET may have a body (CosyVoice wants one), a redirect is never followed to another
 * host with the key in it, a connection closed by the other side while it was idle is told from one that fails, and an abort
 * destroys the socket in the turn it happens in.
 */
import { type ClientRequest, request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';
import { TalkError } from '../element/error.js';
import { Connections } from './connections.js';
import { broken, type Party, refused, wrongType } from './refusal.js';

/** What is asked. */
export interface Call {
  readonly url: URL;
  /** Default POST. */
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sees a refusal before it becomes an error, for what only its headers say. */
  readonly onRefused?: (response: IncomingMessage) => void;
}

/** An answer whose status is 2xx. */
export interface Answer {
  /** Content type in lower case without its parameters; empty when none was sent. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The body as it arrives. Throws TalkError when the connection breaks; ends quietly when the signal has aborted. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Nobody wants the rest: closes the connection unless the body was read to its end. */
  close(): void;
}

/** Bytes that are read of a good answer that is none of ours, and of a refusal, whose reason is somewhere in its JSON. */
const EXCERPT = 4096;
const EXPLANATION = 64 << 10;
/** Bytes of an answer that is read whole. */
const WHOLE = 8 << 20;
const HOPS = 3;

/** One who asks, with the connections for it. */
export class HttpClient {
  #connections: Connections | undefined;

  /** Something will be asked at the host of `url` soon: opens the connection for it. */
  expect(url: URL): void {
    this.#connections ??= new Connections();
    this.#connections.open(url);
  }

  /** Asks, and resolves with the head of the answer. Throws TalkError; when the signal aborts, too. */
  async open(call: Call, party: Party, signal: AbortSignal): Promise<Answer> {
    let { url } = call;
    for (let hops = 0; ; hops++) {
      const response = await this.#send({ ...call, url }, party, signal);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return answerOf(response, party, signal);
      const next = redirect(response, url);
      if (next === undefined || hops === HOPS) {
        call.onRefused?.(response);
        const said = await explanation(response);
        throw refused(party, status, response.headers, said);
      }
      response.resume();
      url = next;
    }
  }

  /** Asks, and resolves with the whole answer as JSON. Throws TalkError. */
  async json(call: Call, party: Party, signal: AbortSignal): Promise<unknown> {
    const answer = await this.open(call, party, signal);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const part of answer.body) {
        bytes += part.length;
        if (bytes > WHOLE) throw wrongType(party, `more than ${WHOLE >> 20} MB`, '');
        parts.push(part);
      }
    } finally {
      answer.close();
    }
    const text = Buffer.concat(parts).toString('utf8');
    try {
      return JSON.parse(text);
    } catch {
      throw wrongType(party, answer.type || 'something else than JSON', text.slice(0, EXCERPT));
    }
  }

  /** Closes all connections. */
  close(): void {
    this.#connections?.close();
    this.#connections = undefined;
  }

  async #send(call: Call, party: Party, signal: AbortSignal): Promise<IncomingMessage> {
    for (let again = false; ; again = true) {
      const { request, answered } = this.#begin(call, signal);
      try {
        return await answered;
      } catch (cause) {
        // Closed by the server while nobody used it: no failure, and nothing was heard.
        const old = request.reusedSocket || this.#connections?.opened(request.socket) === true;
        const stale = old && /^(ECONNRESET|EPIPE)$/.test((cause as NodeJS.ErrnoException).code ?? '');
        if (again || !stale || signal.aborted) throw broken(party, cause, 'connect');
      }
    }
  }

  #begin(
    { url, method = 'POST', headers = {}, body }: Call,
    signal: AbortSignal,
  ): { request: ClientRequest; answered: Promise<IncomingMessage> } {
    this.#connections ??= new Connections();
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const request = (url.protocol === 'https:' ? https : http)(url, {
      method,
      agent: this.#connections.for(url),
      headers: {
        accept: '*/*',
        'user-agent': 'talkgraph',
        ...headers,
        ...(bytes !== undefined && { 'content-length': String(bytes.length) }),
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      const stop = (): void => void request.destroy(new Error('aborted'));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      request.on('close', () => signal.removeEventListener('abort', stop));
      // After the answer it is heard by whoever reads the body.
      request.on('error', reject);
      request.on('response', resolve);
    });
    request.setNoDelay(true);
    request.end(bytes);
    return { request, answered };
  }
}

function answerOf(response: IncomingMessage, party: Party, signal: AbortSignal): Answer {
  const [type = '', ...rest] = (response.headers['content-type'] ?? '').split(';');
  const parameters: Record<string, string> = {};
  for (const one of rest) {
    const [name = '', value = ''] = one.split('=');
    parameters[name.trim().toLowerCase()] = value.trim().replace(/^"|"$/g, '');
  }
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const part of response) yield part as Buffer;
    } catch (cause) {
      if (!signal.aborted) throw broken(party, cause, 'answer');
    }
  }
  return {
    type: type.trim().toLowerCase(),
    parameters,
    body: body(),
    close: () => void (response.complete || response.destroy()),
  };
}

/** Where the same host wants to be asked instead; with the method and the body kept, everything else is another question. */
function redirect(response: IncomingMessage, from: URL): URL | undefined {
  const { statusCode, headers } = response;
  if ((statusCode !== 307 && statusCode !== 308) || headers.location === undefined) return undefined;
  if (!URL.canParse(headers.location, from.href)) return undefined;
  const to = new URL(headers.location, from);
  return to.origin === from.origin ? to : undefined;
}

/** The beginning of a body, as text; the rest is not waited for. Throws what the body throws. */
export async function beginning(body: AsyncIterable<Uint8Array>, most = EXCERPT): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= most) break;
  }
  return Buffer.concat(parts).toString('utf8').slice(0, most);
}

/** The beginning of what comes with a status that counts by itself: where it breaks off, what came is enough. */
export function explanation(response: IncomingMessage): Promise<string> {
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* response;
    } catch {
      // What came is enough.
    }
  }
  return beginning(body(), EXPLANATION);
}

/** A body that may not be longer. Throws TalkError resource/quota behind the last byte that may be. */
export async function* atMost(
  body: AsyncIterable<Uint8Array>,
  most: number,
  { host, what }: Party,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > most) {
      throw new TalkError('resource/quota', `${host} sent more than ${most >> 10} KiB for ${what}.`, {
        details: { host, limitBytes: most },
      });
    }
    yield part;
  }
}
