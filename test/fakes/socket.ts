/** Base of fakes that speak WebSocket: they say what they answer to a text, and this sends it, or fails on the way as it was told to. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Asked, FAULTS, HttpFake, type Reply } from './http.js';
import type { Fault } from './service.js';

/** A refusal of the handshake. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The answer to a text: messages in order. Those that are sound are counted, so that half of it can be sent. */
export interface Spoken {
  readonly text: string;
  readonly messages: readonly { readonly data: string | Uint8Array; readonly sound?: boolean }[];
}

const WORDS: Readonly<Record<string, string>> = {
  '401': 'Unauthorized',
  '403': 'Forbidden',
  '404': 'Not Found',
  '429': 'Too Many Requests',
  '503': 'Service Unavailable',
};

export abstract class SocketFake extends HttpFake {
  override readonly faults: ReadonlySet<Fault> = new Set(
    // A message is whole or not there.
    FAULTS.filter((fault) => fault !== 'half'),
  );
  readonly #sockets = new WebSocketServer({ noServer: true });

  constructor() {
    super();
    this.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
  }

  /** The address as WebSockets have it. */
  protected get socketAddress(): string {
    return this.address.replace(/^http/, 'ws');
  }

  /** Why somebody may not come in; undefined when they may. */
  protected abstract refuses(asked: Asked): Refusal | undefined;

  /** Begins to talk: `say` sends the answer to a text, failing as told. */
  protected abstract talk(
    socket: WebSocket,
    asked: Asked,
    say: (spoken: Spoken | Promise<Spoken>) => Promise<void>,
  ): void;

  /** Requests that are no WebSocket; none are speech. */
  protected override reply(_asked: Asked): Reply | Promise<Reply> {
    return { status: 404, json: { message: 'not here' } };
  }

  protected override speaks(): boolean {
    return false;
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const asked: Asked = {
      method: 'GET',
      url: new URL(request.url ?? '', this.address),
      headers: request.headers as Record<string, string>,
      body: Buffer.alloc(0),
    };
    this.asked.push(asked);
    const fault = this.nextFault();
    this.calls++;
    this.busy++;
    let quiet = false;
    socket.on('close', () => {
      this.busy--;
      // Whether there was a goodbye is told behind it.
      setImmediate(() => quiet || this.left());
    });
    socket.on('error', () => undefined);
    if (fault === 'reset') return void socket.resetAndDestroy();
    const refusal = this.#refusal(fault, asked) ?? this.refuses(asked);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => undefined);
      client.on('close', (code) => {
        quiet = code === 1000;
      });
      this.talk(client, asked, async (spoken) => {
        if (fault === 'silent') return;
        await this.#say(client, socket, await spoken, fault);
      });
    });
  }

  #refusal(fault: Fault | undefined, asked: Asked): Refusal | undefined {
    const repeated = `${JSON.stringify(asked.headers)} ${asked.url.href} ${this.secrets.join(' ')}`;
    if (fault === 'page') {
      return {
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: `<!doctype html><title>Log in</title><h1>Log in</h1>${repeated}`,
      };
    }
    if (fault === undefined || !/^\d+$/.test(fault)) return undefined;
    return {
      status: Number(fault),
      headers: { 'content-type': 'application/json', ...(fault === '429' && { 'retry-after': '0' }) },
      body: JSON.stringify({ error: { message: `Not like this: ${repeated}` } }),
    };
  }

  async #say(client: WebSocket, socket: Socket, spoken: Spoken, fault: Fault | undefined): Promise<void> {
    this.said.push(spoken.text);
    const sounds = spoken.messages.filter(({ sound }) => sound === true).length;
    const until = fault === 'stall' || fault === 'torn' ? sounds >> 1 : sounds;
    let sent = 0;
    for (const { data, sound = false } of spoken.messages) {
      if (client.readyState !== client.OPEN) return;
      if (sound && sent === until && until < sounds) break;
      if (sound && sent++ === 0) this.wrote = performance.now();
      await new Promise<void>((resolve) => client.send(data, () => resolve()));
      // What was not read when the connection is torn is lost.
      if (sound) await new Promise((resolve) => setImmediate(resolve));
    }
    if (fault === 'torn') socket.resetAndDestroy();
  }
}

function refuse(socket: Socket, { status, headers = {}, body = '' }: Refusal): void {
  const bytes = Buffer.from(body);
  const lines = [
    `HTTP/1.1 ${status} ${WORDS[status] ?? 'OK'}`,
    ...Object.entries({ ...headers, 'content-length': String(bytes.length), connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}`,
    ),
  ];
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes]));
}
