/**
 * An OpenTelemetry collector that takes OTLP/HTTP in JSON over a real socket, as https://opentelemetry.io/docs/specs/otlp/ and trace.proto have it:
 * `POST /v1/traces`, ids in hex, 64-bit numbers as decimal strings; 200 with an `ExportTraceServiceResponse`, 400 and 415 with a `Status`. It refuses what a
 * collector would refuse, keeps what it took, and fails as it is told.
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A span as it arrived; times in ms since 1970. */
export interface TakenSpan {
  readonly trace: string;
  readonly id: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly begin: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly at: number }[];
  readonly error: string | undefined;
}

/** How to answer: a status with headers, `silent` for never, a number of spans to reject. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | { readonly rejected: number }
  | 'silent';

type Json = Record<string, unknown>;

export class FakeCollector {
  readonly spans: TakenSpan[] = [];
  readonly resources: Readonly<Record<string, unknown>>[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  /** Bodies that came, whole. */
  readonly bodies: string[] = [];
  /** Answers that come next; then all is taken. */
  readonly answers: Answer[] = [];
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      this.headers.push(request.headers);
      const body = Buffer.concat(parts).toString('utf8');
      this.bodies.push(body);
      this.#answer(`${request.method} ${request.url}`, request.headers['content-type'] ?? '', body, response);
      for (const tell of this.#waiting.splice(0)) tell();
    });
  });
  readonly #sockets = new Set<Socket>();
  #waiting: (() => void)[] = [];
  url = '';

  static async open(): Promise<FakeCollector> {
    const fake = new FakeCollector();
    fake.#server.on('connection', (socket) => {
      fake.#sockets.add(socket);
      socket.on('close', () => fake.#sockets.delete(socket));
    });
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    fake.url = `http://127.0.0.1:${(fake.#server.address() as AddressInfo).port}`;
    return fake;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Resolves when that holds; looked at after each request. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #answer(line: string, type: string, body: string, response: ServerResponse): void {
    const answer = this.answers.shift();
    if (answer === 'silent') return;
    const [status, json, headers] = this.#say(answer, line, type, body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(json));
  }

  #say(
    answer: Exclude<Answer, 'silent'> | undefined,
    line: string,
    type: string,
    body: string,
  ): [status: number, json: object, headers?: Record<string, string>] {
    if (answer !== undefined && 'status' in answer)
      return [answer.status, { code: 14, message: `no: ${body}` }, answer.headers ?? {}];
    if (line !== 'POST /v1/traces') return [404, { code: 5, message: line }];
    if (type !== 'application/json') return [415, { code: 3, message: type }];
    try {
      const taken = this.#read(JSON.parse(body) as Json);
      if (answer === undefined) return [200, taken];
      return [200, { partialSuccess: { rejectedSpans: String(answer.rejected), errorMessage: 'too old' } }];
    } catch (error) {
      return [400, { code: 3, message: String(error) }];
    }
  }

  /** Throws for what is no `ExportTraceServiceRequest`. */
  #read({ resourceSpans }: Json): object {
    for (const { resource, scopeSpans } of list(resourceSpans)) {
      this.resources.push(pairs((resource as Json)['attributes']));
      for (const { spans } of list(scopeSpans)) for (const span of list(spans)) this.spans.push(spanOf(span));
    }
    return {};
  }
}

function list(value: unknown): Json[] {
  if (Array.isArray(value)) return value as Json[];
  throw new TypeError('expected a list');
}

function spanOf(span: Json): TakenSpan {
  const status = (span['status'] ?? {}) as { code?: number; message?: string };
  const parent = span['parentSpanId'];
  return {
    trace: hex(span['traceId'], 32),
    id: hex(span['spanId'], 16),
    parent: parent === undefined ? undefined : hex(parent, 16),
    name: text(span['name']),
    begin: time(span['startTimeUnixNano']),
    end: time(span['endTimeUnixNano']),
    attributes: pairs(span['attributes']),
    events: list(span['events']).map((one) => ({ name: text(one['name']), at: time(one['timeUnixNano']) })),
    error: status.code === 2 ? (status.message ?? '') : undefined,
  };
}

function hex(value: unknown, digits: number): string {
  if (typeof value === 'string' && value.length === digits && /^[\da-f]+$/.test(value) && !/^0+$/.test(value))
    return value;
  throw new TypeError(`expected ${digits} digits in hex`);
}

function text(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError('expected a name');
}

function time(value: unknown): number {
  if (typeof value === 'string' && /^\d{19}$/.test(value)) return Number(BigInt(value) / 1000n) / 1000;
  throw new TypeError('expected nanoseconds since 1970 as a text');
}

function pairs(value: unknown): Record<string, unknown> {
  return Object.fromEntries(
    list(value).map(({ key, value: any }) => {
      const [[kind = '', held] = []] = Object.entries(any as Json);
      if (kind === 'intValue' && typeof held === 'string') return [text(key), Number(held)];
      const fits = { stringValue: 'string', boolValue: 'boolean', doubleValue: 'number' }[kind];
      if (typeof held === fits) return [text(key), held];
      throw new TypeError(`expected a value for ${String(key)}`);
    }),
  );
}
