/**
 * A server that listens, in front of one that does not: the page's sessions are those of the server behind it, with picture and
 * voice, and what is said of the user's speech (`docs/ears.md`) is said by the test.
 *
 * `POST /offer` answers `listens: true`; `POST /v1/sessions/ID/ears` is noted; events are put between those of `/sse`.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export class FakeEars {
  url = '';
  /** Bodies of `…/ears`, in order. */
  readonly asked: unknown[] = [];
  /** SDP of offers, in order. */
  readonly offers: string[] = [];
  readonly #behind: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<ServerResponse>();
  /** Who waits for something to happen here. */
  #waiting: (() => void)[] = [];

  private constructor(behind: string) {
    this.#behind = new URL(behind);
    this.#server = createServer((from, to) => {
      this.#serve(from, to).catch((error: unknown) => to.destroy(error as Error));
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** @param behind address of a server */
  static async open(behind: string): Promise<FakeEars> {
    const ears = new FakeEars(behind);
    ears.#server.listen(0, '127.0.0.1');
    await once(ears.#server, 'listening');
    ears.url = `http://127.0.0.1:${(ears.#server.address() as AddressInfo).port}/`;
    return ears;
  }

  /** Tells all pages, once one listens. */
  async tell(...events: readonly object[]): Promise<void> {
    while (this.#streams.size === 0) await this.#next();
    for (const stream of this.#streams) {
      for (const event of events) stream.write(`data: ${JSON.stringify(event)}\n\n`);
    }
  }

  /** Resolves when so many wishes about the ears have come. */
  async wishes(count: number): Promise<void> {
    while (this.asked.length < count) await this.#next();
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async #serve(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of from) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const path = from.url ?? '/';
    if (/^\/v1\/sessions\/[\w-]+\/ears$/.test(path)) {
      this.asked.push(JSON.parse(body.toString('utf8')));
      to.writeHead(204).end();
      this.#happened();
      return;
    }
    const { hostname, port, host } = this.#behind;
    const { origin: _, ...headers } = from.headers;
    const method = from.method ?? 'GET';
    const behind = request({ hostname, port, path, method, headers: { ...headers, host } });
    behind.on('error', (error) => to.destroy(error));
    to.on('close', () => behind.destroy());
    behind.end(body);
    const [answer] = (await once(behind, 'response')) as [IncomingMessage];
    if (path === '/offer') await this.#offer(body, answer, to);
    else {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      to.flushHeaders();
      answer.pipe(to);
      if (path.startsWith('/sse')) this.#stream(to);
    }
  }

  async #offer(body: Buffer, answer: IncomingMessage, to: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    this.offers.push(JSON.parse(body.toString('utf8')).sdp);
    const said = { ...JSON.parse(Buffer.concat(parts).toString('utf8')), listens: true };
    to.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  }

  #stream(to: ServerResponse): void {
    this.#streams.add(to);
    to.on('close', () => this.#streams.delete(to));
    this.#happened();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #happened(): void {
    for (const go of this.#waiting.splice(0)) go();
  }
}
