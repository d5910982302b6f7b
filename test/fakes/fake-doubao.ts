/**
 * Doubao's voices on Volcano Engine: version 1, https://www.volcengine.com/docs/6561/1257584 (frames: 79821), and version 3,
 * https://www.volcengine.com/docs/6561/1719100. Written without the code under test.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { WebSocket } from 'ws';
import type { Asked } from './http.js';
import { bytesOf, type Fake } from './service.js';
import { type Refusal, SocketFake, type Spoken } from './socket.js';

/** Bytes in one frame: no whole number of samples. */
const PART = 1451;
const SESSION = 'nxckjoejnkegf';

export class Doubao extends SocketFake {
  override readonly secrets = ['doubao-token-never-to-be-seen'];
  readonly requests: Record<string, Record<string, unknown>>[] = [];
  /** Events that came behind a request. */
  readonly events: number[] = [];
  /** Answers every request with this error. */
  refusesWith: { code: number; message: string } | undefined;
  /** Packs what it says. */
  packs = false;

  get environment(): Record<string, string> {
    return {
      DOUBAO_TTS_SERVER: `${this.socketAddress}/api`,
      DOUBAO_APPID: '1234567890',
      DOUBAO_TOKEN: this.secrets[0]!,
    };
  }

  protected refuses({ url, headers }: Asked): Refusal | undefined {
    const { pathname } = url;
    if (pathname === '/api/v1/tts/ws_binary') {
      return headers['authorization'] === `Bearer; ${this.secrets[0]}` ? undefined : { status: 401 };
    }
    if (pathname !== '/api/v3/tts/unidirectional/stream') return { status: 404 };
    const may =
      headers['x-api-app-id'] === '1234567890' &&
      headers['x-api-access-key'] === this.secrets[0] &&
      /^seed-(tts|icl)-/.test(headers['x-api-resource-id'] ?? '');
    return may ? undefined : { status: 403, body: JSON.stringify({ error: 'requested grant not found' }) };
  }

  protected talk(
    socket: WebSocket,
    { url }: Asked,
    say: (spoken: Spoken | Promise<Spoken>) => Promise<void>,
  ): void {
    const newer = url.pathname.startsWith('/api/v3/');
    socket.on('message', (data, binary) => {
      const bytes = data as Buffer;
      if (!binary || bytes[0] !== 0x11) return socket.close(1003);
      if (bytes[1] === 0x14) {
        this.events.push(bytes.readInt32BE(4));
        return undefined;
      }
      if (bytes[1] !== 0x10 || bytes.readUInt32BE(4) !== bytes.length - 8) return socket.close(1003);
      const packed = bytes[2] === 0x11;
      const json = (packed ? gunzipSync(bytes.subarray(8)) : bytes.subarray(8)).toString('utf8');
      const asked = JSON.parse(json);
      this.requests.push(asked);
      const wrong = this.refusesWith ?? (newer ? wrongInThird(asked) : wrongInFirst(asked));
      if (wrong !== undefined) return void socket.send(this.#error(wrong, json));
      return void say(newer ? this.#third(asked.req_params.text) : this.#first(asked.request.text));
    });
  }

  #first(text: string): Spoken {
    const parts = this.#parts(text);
    const frame = (flags: number, rest: Buffer): Buffer =>
      Buffer.concat([Buffer.from([0x11, 0xb0 | flags, this.packs ? 1 : 0, 0]), rest]);
    return {
      text,
      messages: [
        // It has understood.
        { data: frame(0, number(0)) },
        ...parts.map((part, n) => {
          const last = n === parts.length - 1;
          const payload = this.#packed(part);
          const rest = Buffer.concat([number(last ? -n - 1 : n + 1), number(payload.length), payload]);
          return { data: frame(last ? 3 : 1, rest), sound: true };
        }),
      ],
    };
  }

  #third(text: string): Spoken {
    const frame = (type: number, event: number, payload: Uint8Array): Buffer => {
      const body = this.#packed(payload);
      const [head, session] = [
        Buffer.from([0x11, (type << 4) | 4, 0x10 | (this.packs ? 1 : 0), 0]),
        Buffer.from(SESSION),
      ];
      return Buffer.concat([head, number(event), number(session.length), session, number(body.length), body]);
    };
    const told = (event: number, value: object) => ({
      data: frame(0b1001, event, Buffer.from(JSON.stringify(value))),
    });
    return {
      text,
      messages: [
        told(350, { res_params: { text } }),
        ...this.#parts(text).map((part) => ({ data: frame(0b1011, 352, part), sound: true })),
        told(351, {}),
        told(152, { status_code: 20000000, message: 'ok' }),
      ],
    };
  }

  /** A careless one: it repeats what it was asked. */
  #error({ code, message }: { code: number; message: string }, asked: string): Buffer {
    const payload = this.#packed(Buffer.from(JSON.stringify({ code, message: `${message} ${asked}` })));
    return Buffer.concat([
      Buffer.from([0x11, 0xf0, 0x10 | (this.packs ? 1 : 0), 0]),
      number(code),
      number(payload.length),
      payload,
    ]);
  }

  #packed(payload: Uint8Array): Uint8Array {
    return this.packs ? gzipSync(payload) : payload;
  }

  #parts(text: string): Buffer[] {
    const bytes = bytesOf(this.sound(text));
    return Array.from({ length: Math.ceil(bytes.length / PART) }, (_, n) =>
      bytes.subarray(n * PART, (n + 1) * PART),
    );
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const VOICE = /^(zh_\w+_bigtts|BV\d+_streaming|S_\w+)$/;
const seen = new Set<unknown>();

function wrongInFirst({ app, user, audio, request }: Record<string, Record<string, unknown>>) {
  if (app?.['appid'] !== '1234567890')
    return { code: 3001, message: 'authenticate request: load grant: requested grant not found' };
  if (!app['token'] || !/^volcano_/.test(String(app['cluster'])) || !user?.['uid'])
    return { code: 3001, message: 'invalid request' };
  if (!VOICE.test(String(audio?.['voice_type']))) return { code: 3050, message: 'no such voice' };
  if (request?.['operation'] !== 'submit' || audio?.['encoding'] !== 'pcm' || audio['rate'] !== 24000)
    return { code: 3001, message: 'invalid request' };
  if (seen.has(request['reqid'])) return { code: 3006, message: 'reqid was used' };
  seen.add(request['reqid']);
  return Buffer.byteLength(String(request['text'])) > 1024
    ? { code: 3010, message: 'text too long' }
    : undefined;
}

function wrongInThird({ user, req_params: params }: Record<string, Record<string, unknown>>) {
  const audio = params?.['audio_params'] as Record<string, unknown> | undefined;
  if (!user?.['uid'] || audio?.['format'] !== 'pcm' || audio['sample_rate'] !== 24000)
    return { code: 45000000, message: 'invalid request' };
  if (VOICE.test(String(params?.['speaker']))) return undefined;
  return { code: 45000000, message: 'speaker permission denied: get resource id: access denied' };
}

export default { engine: 'doubao', open: () => new Doubao().listen() } satisfies Fake;
