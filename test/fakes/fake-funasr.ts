/**
 * A FunASR server over a real WebSocket: JSON to begin, PCM, JSON to end; pieces and sentences back.
 * https://github.com/modelscope/FunASR/blob/main/runtime/docs/websocket_protocol.md
 *
 * It hears nothing: every `every` bytes of sound the next word of its text is understood.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface FunasrSession {
  readonly start: Record<string, unknown>;
  readonly protocol: string;
  bytes: number;
  ended: boolean;
  readonly socket: WebSocket;
}

export interface FunasrScript {
  /** What is said, in words. */
  readonly words: readonly string[];
  /** Bytes of sound for a word. */
  readonly every?: number;
  /** Do as FunASR's C++ server, which marks its last message, or as its Python one, which does not. */
  readonly final?: boolean;
  /** Goes away after so many bytes, in so many sessions. */
  readonly dies?: { readonly after: number; readonly times: number };
  /** Sends this instead of a result. */
  readonly garbage?: string;
  /** Never answers the end. */
  readonly mute?: boolean;
}

export class FakeFunasr {
  readonly sessions: FunasrSession[] = [];
  script: FunasrScript;
  readonly #server: WebSocketServer;

  private constructor(script: FunasrScript, server: WebSocketServer) {
    this.script = script;
    this.#server = server;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(script: FunasrScript): Promise<FakeFunasr> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new FakeFunasr(script, server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that stand. */
  get open(): number {
    return this.#server.clients.size;
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: WebSocket): void {
    let session: FunasrSession | undefined;
    const number = this.sessions.length;
    let told = 0;
    const { words, every = 6400, final = true, dies, garbage, mute = false } = this.script;
    const say = (mode: string, text: string, is_final: boolean) =>
      socket.send(garbage ?? JSON.stringify({ mode, wav_name: 'turn', text, is_final }));
    socket.on('message', (data: Buffer, binary) => {
      if (!binary) {
        const message = JSON.parse(data.toString()) as Record<string, unknown>;
        if (message['is_speaking'] === true) {
          session = { start: message, protocol: socket.protocol, bytes: 0, ended: false, socket };
          this.sessions.push(session);
        } else if (session !== undefined && !mute) {
          session.ended = true;
          const { mode } = session.start;
          if (mode === 'online') {
            for (const word of words.slice(told)) say('online', `${word} `, false);
            say('online', '', final);
          } else say(mode === '2pass' ? '2pass-offline' : 'offline', words.join(' '), final);
        }
        return;
      }
      if (session === undefined) return;
      session.bytes += data.length;
      if (dies !== undefined && number < dies.times && session.bytes >= dies.after) {
        socket.terminate();
        return;
      }
      for (
        ;
        session.start['mode'] !== 'offline' && told < Math.min(words.length, session.bytes / every - 1);
        told++
      ) {
        say(session.start['mode'] === '2pass' ? '2pass-online' : 'online', `${words[told]} `, false);
      }
    });
  }
}
