/**
 * A voice behind a WebSocket: one connection for each sentence, opened ahead while the one before is heard.
 *
 * An engine says where (`dial`) and how they talk (`converse`); opening in time, what a refusal means, and a cut connection
 * as soon as nobody listens are here.
 */
import { TalkError } from '../../element/error.js';
import { HttpClient } from '../../service/http.js';
import { ServiceSocket, type SocketOptions } from '../../service/socket.js';
import type { SpeechPiece, SynthesisRequest } from '../engine.js';
import { type Ask, RemoteEngine, type RemoteOptions } from './engine.js';
import { named } from './http-engine.js';
import { broken, type Party } from './refusal.js';

/** Where to connect, and what to say at the door. */
export type Dial = { readonly url: URL } & Pick<SocketOptions, 'headers' | 'protocols' | 'onRefused'>;

export abstract class SocketEngine<T extends RemoteOptions> extends RemoteEngine<T> {
  /** For what is asked by HTTP beside: lists of voices. */
  protected readonly http = new HttpClient();
  readonly #working = new Set<AbortController>();

  /** Where to connect for one sentence. */
  protected abstract dial(ask: Ask<T>): Dial;

  /** Says one sentence over an open connection. Ends when the service said it is done; throws TalkError. */
  protected abstract converse(socket: ServiceSocket, ask: Ask<T>): AsyncIterable<SpeechPiece>;

  /** Opens the connection; where a first refusal can be cured, the second try belongs here. */
  protected open(ask: Ask<T>): Promise<ServiceSocket> {
    const { url, ...door } = this.dial(ask);
    return ServiceSocket.open(socketAddress(url), { party: ask.party, signal: ask.signal, ...door });
  }

  async *synthesize(request: SynthesisRequest): AsyncGenerator<SpeechPiece, void, undefined> {
    if (request.signal.aborted) return;
    const work = new AbortController();
    const ask = this.ask({ ...request, signal: work.signal });
    const stop = (): void => work.abort();
    request.signal.addEventListener('abort', stop, { once: true });
    this.#working.add(work);
    let socket: ServiceSocket | undefined;
    try {
      socket = await this.open(ask);
      yield* this.converse(socket, ask);
      if (!work.signal.aborted) socket.close();
    } catch (cause) {
      if (!work.signal.aborted) throw named(cause, ask.party);
    } finally {
      request.signal.removeEventListener('abort', stop);
      this.#working.delete(work);
      // Without a farewell where it failed or nobody listens; after one this does nothing.
      if (socket?.open === true) socket.terminate();
    }
    if (work.signal.aborted && !request.signal.aborted) {
      throw new TalkError('library/shutdown', `The voice engine ${this.name} was closed while it spoke.`);
    }
  }

  override async close(): Promise<void> {
    for (const work of this.#working) work.abort();
    this.http.close();
  }
}

/** The next message. Throws TalkError when the service goes before it has said that it is done; undefined when nobody listens. */
export async function nextMessage(
  socket: ServiceSocket,
  { party, signal }: { party: Party; signal: AbortSignal },
): Promise<string | Uint8Array | undefined> {
  const message = await socket.next();
  if (message === undefined && !signal.aborted) throw broken(party, new Error('closed too early'), 'answer');
  return message;
}

/** An address as WebSockets have it: `https` is `wss`. */
export function socketAddress(url: URL): URL {
  return new URL(url.href.replace(/^http/, 'ws'));
}

/** An address as HTTP has it: `wss` is `https`. */
export function webAddress(url: URL): URL {
  return new URL(url.href.replace(/^ws/, 'http'));
}
