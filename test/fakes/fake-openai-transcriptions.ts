/**
 * A server of `POST /v1/audio/transcriptions` over a real socket, faults included.
 *
 * Takes multipart/form-data with `file` and `model` (and `language`, `prompt`, `response_format`), answers `{"text": …}`; errors are `{error: {message,
 * type, param, code}}` with the status. From https://platform.openai.com/docs/api-reference/audio/createTranscription
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server understood it. */
export interface Transcription {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** The fields that are no file. */
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly name: string; readonly type: string; readonly bytes: Buffer };
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
}

/** What the server does with a request. */
export type Script = (response: ServerResponse, request: Transcription) => void;

export const hears =
  (text: string): Script =>
  (response) =>
    void response.setHeader('content-type', 'application/json').end(JSON.stringify({ text }));

export const refuses =
  (status: number, headers: Record<string, string> = {}): Script =>
  (response) => {
    const error = { message: 'no', type: 'invalid_request_error', param: null, code: null };
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error }));
  };

export class FakeTranscriptions {
  readonly requests: Transcription[] = [];
  /** The next answers, in order; the last one stays. */
  scripts: Script[];
  /** Opened so far. */
  connections = 0;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  private constructor(scripts: Script[]) {
    this.scripts = scripts;
  }

  static async start(...scripts: Script[]): Promise<FakeTranscriptions> {
    const fake = new FakeTranscriptions(scripts);
    fake.#server.on('connection', () => fake.connections++);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** Base address, as `url` wants it. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', headers } = request;
    const closed = new Promise<void>((resolve) => response.once('close', () => resolve()));
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part as Uint8Array);
    const body = new Response(new Uint8Array(Buffer.concat(parts)), {
      headers: { 'content-type': headers['content-type'] ?? '' },
    });
    const form = await body.formData();
    const file = form.get('file') as File;
    const fields = Object.fromEntries(
      [...form.entries()].filter(([, value]) => typeof value === 'string'),
    ) as Record<string, string>;
    const bytes = Buffer.from(await file.arrayBuffer());
    const one = { path: url, headers, fields, file: { name: file.name, type: file.type, bytes }, closed };
    this.requests.push(one);
    const script = this.scripts.length > 1 ? this.scripts.shift() : this.scripts[0];
    script?.(response, one);
  }
}
