/** Tools behind HTTP: what is posted to `/NAME` is answered by the function of that name, or by nothing where it never answers. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ToolRequest {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<unknown>;
}

export type ToolScript = (request: ToolRequest, response: ServerResponse) => void;

export class FakeTools {
  readonly requests: ToolRequest[] = [];
  readonly #server: Server;

  private constructor(scripts: Readonly<Record<string, ToolScript>>) {
    this.#server = createServer(async (request, response) => {
      const closed = once(response, 'close');
      let body = '';
      for await (const piece of request.setEncoding('utf8')) body += piece;
      const asked = { path: request.url ?? '', headers: request.headers, body, closed };
      this.requests.push(asked);
      const script = scripts[asked.path.slice(1)];
      if (script === undefined) response.writeHead(404).end('{"detail": "no such tool here"}');
      else script(asked, response);
    });
  }

  static async open(scripts: Readonly<Record<string, ToolScript>>): Promise<FakeTools> {
    const fake = new FakeTools(scripts);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
