/**
 * A chat server that speaks OpenAI's protocol over a real socket, faults included.
 *
 * POST /v1/chat/completions with `stream: true` answers `text/event-stream`: events `data: {"object":"chat.completion.chunk", …}`, the
 * last one with `finish_reason`, then `data: [DONE]`; errors are `{error: {message, type, param, code}}` with the status. From
 * https://platform.openai.com/docs/api-reference/chat-streaming and https://platform.openai.com/docs/guides/error-codes; calls of tools are
 * deltas with `tool_calls` and end with `finish_reason: "tool_calls"`: https://platform.openai.com/docs/guides/function-calling
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a question looks like to the server. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly {
    readonly role: string;
    readonly content: string;
    readonly tool_calls?: unknown;
    readonly tool_call_id?: string;
  }[];
  readonly [field: string]: unknown;
}

/** One exchange. `closed` resolves when the connection is gone, with the time (`performance.now()`). */
export interface Exchange {
  readonly asked: Asked;
  readonly headers: IncomingMessage['headers'];
  readonly closed: Promise<number>;
  /** True while the connection stands. */
  readonly open: boolean;
}

/** Answers with this writer: whatever it does is what the client sees. */
export type Script = (writer: Writer, exchange: Exchange) => void | Promise<void>;

export class Writer {
  readonly #response: ServerResponse;
  #begun = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** The head, as long as nothing was written. */
  head(
    status = 200,
    headers: Record<string, string> = { 'content-type': 'text/event-stream; charset=utf-8' },
  ): this {
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
    this.#begun = true;
    return this;
  }

  /** These very bytes; resolves when they have left. */
  raw(bytes: string | Uint8Array): Promise<void> {
    if (!this.#begun) this.head();
    return new Promise((resolve) => this.#response.write(bytes, () => resolve()));
  }

  event(value: unknown): Promise<void> {
    return this.raw(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  }

  /** A part of the answer. */
  say(content: string): Promise<void> {
    return this.event(chunk({ content }));
  }

  /** A part of what the model thinks, as DeepSeek, Qwen and vLLM send it. */
  think(thought: string): Promise<void> {
    return this.event(chunk({ reasoning_content: thought }));
  }

  /** A call of a tool as OpenAI streams it: its name first, then its arguments in pieces. */
  async call(index: number, id: string, name: string, args: readonly string[]): Promise<void> {
    const piece = (more: object) => this.event(chunk({ tool_calls: [{ index, ...more }] }));
    await piece({ id, type: 'function', function: { name, arguments: '' } });
    for (const part of args) await piece({ function: { arguments: part } });
  }

  /** The end as it should be. */
  async done(reason = 'stop'): Promise<void> {
    await this.event(chunk({}, reason));
    await this.event({
      ...base,
      choices: [],
      usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 },
    });
    await this.event('[DONE]');
    this.#response.end();
  }

  refuse(status: number, error: unknown, headers: Record<string, string> = {}): void {
    this.head(status, { 'content-type': 'application/json', ...headers });
    this.#response.end(JSON.stringify({ error }));
  }

  /** Ends the body where it is. */
  end(): void {
    if (!this.#begun) this.head();
    this.#response.end();
  }

  /** The connection breaks. */
  destroy(): void {
    this.#response.socket?.resetAndDestroy();
  }
}

const base = { id: 'chatcmpl-7', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'fake-1' };

export function chunk(delta: Record<string, unknown>, finish_reason: string | null = null): unknown {
  return { ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason }] };
}

/** Says a text in these parts and ends well. */
export function says(...parts: readonly string[]): Script {
  return async (writer) => {
    await writer.event(chunk({ role: 'assistant', content: '' }));
    for (const part of parts) await writer.say(part);
    await writer.done();
  };
}

export class FakeChat {
  readonly exchanges: Exchange[] = [];
  /** Opened so far. */
  connections = 0;
  readonly #server = createServer((request, response) => void this.#take(request, response));
  #script: Script;

  private constructor(script: Script) {
    this.#script = script;
  }

  static async open(script: Script = says('Yes.')): Promise<FakeChat> {
    const fake = new FakeChat(script);
    fake.#server.on('connection', () => fake.connections++);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** What the next questions get. */
  answers(script: Script): void {
    this.#script = script;
  }

  /** The base address to set as `llm-url`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  get last(): Exchange {
    const last = this.exchanges.at(-1);
    if (last === undefined) throw new Error('Nobody has asked yet.');
    return last;
  }

  /** Connections on which an answer is still being written. */
  get open(): number {
    return this.exchanges.filter(({ open }) => open).length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const writer = new Writer(response);
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      writer.refuse(404, {
        message: `Invalid URL (${request.method} ${request.url})`,
        type: 'invalid_request_error',
      });
      return;
    }
    let open = true;
    const closed = new Promise<number>((resolve) => {
      response.once('close', () => {
        open = false;
        resolve(performance.now());
      });
    });
    const exchange = {
      asked: JSON.parse(body) as Asked,
      headers: request.headers,
      closed,
      get open() {
        return open;
      },
    };
    this.exchanges.push(exchange);
    await this.#script(writer, exchange);
  }
}
