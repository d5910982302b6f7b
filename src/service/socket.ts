/**
 * A WebSocket to a service: opened in time or not at all, read in order, gone in the turn in which nobody listens any more.
 *
 * Messages wait in a bounded queue; when it is full the socket is not read, so that a fast service waits for a slow listener.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { type ErrorCode, TalkError } from '../element/error.js';
import { BoundedQueue } from '../element/queue.js';
import { explanation } from './http.js';
import { broken, facts, type Party, refused, words, wrongType } from './refusal.js';

export interface SocketOptions {
  readonly party: Party;
  /** Aborts when nobody wants it any more: the connection is cut without a farewell. */
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** ms until it must be open; default 10,000. */
  readonly openMs?: number;
  /** Sees a refused handshake before it becomes an error, for what only its headers say. */
  readonly onRefused?: (response: IncomingMessage) => void;
}

/** Bytes that may wait to be read: some seconds of bare sound, much more of compressed. */
const WAITING = 1 << 19;
const LARGEST = 16 << 20;
const OPEN_MS = 10_000;

/** Close codes that are an answer: https://www.iana.org/assignments/websocket/websocket.xhtml */
const GOODBYE = new Set([1000, 1005]);
const PERMANENT: Readonly<Record<number, ErrorCode>> = {
  1002: 'stream/format',
  1003: 'resource/settings',
  1007: 'resource/settings',
  1008: 'resource/not-authorized',
  1009: 'resource/settings',
  3000: 'resource/not-authorized',
  3003: 'resource/not-authorized',
};

/** One open connection. */
export class ServiceSocket implements AsyncIterable<string | Uint8Array> {
  readonly #socket: WebSocket;
  readonly #party: Party;
  readonly #messages = new BoundedQueue<string | Uint8Array>(WAITING);
  readonly #forget: () => void;

  private constructor(socket: WebSocket, { party, signal }: SocketOptions) {
    this.#socket = socket;
    this.#party = party;
    const stop = (): void => this.terminate();
    signal.addEventListener('abort', stop, { once: true });
    this.#forget = () => signal.removeEventListener('abort', stop);
    socket.on('message', (data, binary) => this.#take(binary ? (data as Buffer) : String(data)));
    socket.on('error', (error) => this.#messages.fail(broken(party, error, 'answer')));
    socket.on('close', (code, reason) => this.#closed(code, reason.toString('utf8')));
  }

  /** Opens one. Throws TalkError: what a refusal by HTTP means, or `resource/unreachable`. */
  static async open(url: URL, options: SocketOptions): Promise<ServiceSocket> {
    const { party, signal, headers = {}, protocols = [], openMs = OPEN_MS, onRefused } = options;
    const socket = new WebSocket(url, [...protocols], {
      headers: { 'user-agent': 'talkgraph', ...headers },
      handshakeTimeout: openMs,
      maxPayload: LARGEST,
      perMessageDeflate: false,
      followRedirects: false,
    });
    const stop = (): void => socket.terminate();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await new Promise<ServiceSocket>((resolve, reject) => {
        // Made before the next turn, in which the first message may already come.
        socket.on('open', () => resolve(new ServiceSocket(socket, options)));
        socket.on('error', (error) => reject(broken(party, error, 'connect')));
        socket.on('unexpected-response', (request, response) => {
          onRefused?.(response);
          refusal(party, request, response).then(reject, reject);
        });
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Sends a text or bytes. What cannot be sent any more is told by the messages that do not come. */
  send(data: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data, () => undefined);
  }

  /** The next message; undefined when the service has said goodbye. Throws TalkError when it is broken or closed with a reason. */
  async next(): Promise<string | Uint8Array | undefined> {
    const message = await this.#messages.shift();
    if (this.#socket.isPaused && !this.#messages.full) this.#socket.resume();
    return message;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array, void, undefined> {
    try {
      for (let one = await this.next(); one !== undefined; one = await this.next()) yield one;
    } finally {
      this.close();
    }
  }

  /** It can be used. */
  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Bytes that were sent and that the network has not taken yet. */
  get unsent(): number {
    return this.#socket.bufferedAmount;
  }

  /** Says goodbye; messages that are on their way are not read any more. */
  close(): void {
    this.#forget();
    this.#messages.close();
    this.#socket.resume();
    this.#socket.close(1000);
  }

  /** Cuts the connection, now. */
  terminate(): void {
    this.#forget();
    this.#messages.close();
    this.#socket.terminate();
  }

  #take(message: string | Uint8Array): void {
    void this.#messages.push(message, message.length);
    if (this.#messages.full && this.open) this.#socket.pause();
  }

  #closed(code: number, reason: string): void {
    this.#forget();
    if (GOODBYE.has(code)) this.#messages.end();
    else this.#messages.fail(closed(this.#party, code, reason));
  }
}

/** The error of a connection that was closed with a code. */
function closed(party: Party, code: number, reason: string): TalkError {
  const own = party.explain?.(code, reason);
  if (own !== undefined) return own;
  if (code === 1006) return broken(party, new Error('closed without a farewell'), 'answer');
  const permanent = PERMANENT[code];
  return new TalkError(
    permanent ?? 'resource/unreachable',
    `${party.host} closed the connection for ${party.what} (${code}).${words(reason, party)}`,
    { retryable: permanent === undefined, details: { ...facts(party), closeCode: code } },
  );
}

async function refusal(party: Party, request: ClientRequest, response: IncomingMessage): Promise<TalkError> {
  const body = await explanation(response);
  request.destroy();
  const { statusCode: status = 0, headers } = response;
  // A page where a WebSocket was asked for: something else stands in front of the service.
  if (status >= 200 && status < 300) return wrongType(party, headers['content-type'] ?? 'a page', body);
  return refused(party, status, headers, body);
}
