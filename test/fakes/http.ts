/** Base of fakes that speak HTTP: they say what they answer, and this sends it, or fails on the way as it was told to. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesOf, type FakeService, type Fault, murmur, wav } from './service.js';

/** A request, whole. */
export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a fake answers: the sound of a text, or anything else. */
export type Reply =
  | { readonly text: string; readonly type: string; readonly sound: Uint8Array; readonly rest?: boolean }
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly json: unknown }
  | { readonly events: readonly string[] };

/** Bytes sent at once: odd, so that samples and frames are torn apart. */
const PART = 3001;
/** All of them. */
export const FAULTS: readonly Fault[] = [
  '401',
  '403',
  '404',
  '429',
  '503',
  'reset',
  'silent',
  'stall',
  'torn',
  'page',
  'half',
];

export abstract class HttpFake implements FakeService {
  abstract readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[] = [];
  readonly rate: number = 24000;
  readonly lossless: boolean = true;
  readonly faults: ReadonlySet<Fault> = new Set(FAULTS);
  readonly said: string[] = [];
  readonly asked: Asked[] = [];
  calls = 0;
  busy = 0;
  /** When the first bytes of the last sound left, ms of `performance.now`. */
  wrote = 0;
  protected readonly server: Server;
  readonly #sockets = new Set<Socket>();
  #fault: { kind: Fault; times: number } | undefined;
  #hungUp: (() => void)[] = [];

  constructor() {
    this.server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** What it answers to a request. Throws nothing that is not a mistake of the fake. */
  protected abstract reply(asked: Asked): Reply | Promise<Reply>;

  /** The form in a request. Throws when it is none. */
  protected async form({ headers, body }: Asked): Promise<FormData> {
    const type = headers['content-type'] ?? '';
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  }

  /** Whether a request asks for speech: only those fail on demand. */
  protected speaks(_asked: Asked): boolean {
    return true;
  }

  /** A recording to speak like, on this machine. */
  get reference(): string {
    return reference();
  }

  /** Where it listens, also when it no longer does. */
  address = '';

  get connections(): number {
    return this.#sockets.size;
  }

  async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.address = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  sound(text: string): Int16Array {
    return murmur(text, this.rate);
  }

  fail(kind: Fault, times = Number.POSITIVE_INFINITY): void {
    this.#fault = { kind, times };
  }

  heal(): void {
    this.#fault = undefined;
  }

  /** A client went away in the middle of an answer. */
  protected left(): void {
    for (const tell of this.#hungUp.splice(0)) tell();
  }

  hungUp(): Promise<void> {
    return new Promise((resolve) => this.#hungUp.push(resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.busy++;
    response.on('close', () => {
      this.busy--;
      if (response.writableFinished) return;
      this.left();
    });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const asked: Asked = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', this.address),
      headers: request.headers as Record<string, string>,
      body: Buffer.concat(parts),
    };
    this.asked.push(asked);
    const speaks = this.speaks(asked);
    const fault = speaks ? this.nextFault() : undefined;
    if (speaks) this.calls++;
    if (fault !== undefined && this.#refuse(fault, asked, request, response)) return;
    await this.#answer(await this.reply(asked), fault, response);
  }

  /** How to fail now, if at all. */
  protected nextFault(): Fault | undefined {
    if (this.#fault === undefined || this.#fault.times-- <= 0) return undefined;
    return this.#fault.kind;
  }

  /** The failures before the first sound. True when it was one. */
  #refuse(fault: Fault, asked: Asked, request: IncomingMessage, response: ServerResponse): boolean {
    if (fault === 'silent') return true;
    if (fault === 'reset') {
      request.socket.resetAndDestroy();
      return true;
    }
    if (fault === 'page') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(
        `<!doctype html><title>Log in</title><h1>Log in, please</h1>${asked.body.toString('utf8')}`,
      );
      return true;
    }
    if (!/^\d+$/.test(fault)) return false;
    response.writeHead(Number(fault), {
      'content-type': 'application/json',
      ...(fault === '429' && { 'retry-after': '0' }),
    });
    const repeated = `${JSON.stringify(asked.headers)} ${asked.body.toString('utf8')} ${this.secrets.join(' ')}`;
    response.end(JSON.stringify({ error: { message: `Not like this: ${repeated}` } }));
    return true;
  }

  async #answer(reply: Reply, fault: Fault | undefined, response: ServerResponse): Promise<void> {
    if ('json' in reply) {
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(JSON.stringify(reply.json));
      return;
    }
    if ('events' in reply) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of reply.events) response.write(event);
      response.end();
      return;
    }
    // Who went away meanwhile is told nothing.
    if (response.destroyed) return;
    this.said.push(reply.text);
    response.writeHead(200, reply.type === '' ? {} : { 'content-type': reply.type });
    const whole =
      fault === 'half' ? Buffer.concat([reply.sound, Buffer.from([1])]) : Buffer.from(reply.sound);
    const until = fault === 'stall' || fault === 'torn' ? whole.length >> 1 : whole.length;
    this.wrote = performance.now();
    for (let at = 0; at < until && !response.destroyed; at += PART) {
      if (!response.write(whole.subarray(at, Math.min(until, at + PART)))) {
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (fault === 'torn') response.socket?.resetAndDestroy();
    else if (fault !== 'stall') response.end();
  }
}

let recording: string | undefined;

/** One recording for all fakes of a process, gone with it. */
function reference(): string {
  if (recording === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'talkgraph-fake-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    recording = join(folder, 'reference.wav');
    writeFileSync(recording, wav(bytesOf(murmur('a recording', 16000)), 16000));
  }
  return recording;
}
