/**
 * Doubao's voices on Volcano Engine (ByteDance), over its binary WebSocket (`../volcengine/frame.ts`), in two versions.
 *
 * Version 1, https://www.volcengine.com/docs/6561/1257584, is what LiveTalking speaks; its documentation recommends version 3,
 * https://www.volcengine.com/docs/6561/1719100, which has the newer voices and is spoken where a resource is named
 * (`seed-tts-2.0`). Both are one request, then sound until a frame that is the last.
 */
import { randomUUID } from 'node:crypto';
import type { ServiceSocket } from '../../service/socket.js';
import type { SpeechPiece, VoiceInfo } from '../engine.js';
import { type Ask, below } from '../remote/engine.js';
import { wrongType } from '../remote/refusal.js';
import { type Dial, nextMessage, SocketEngine } from '../remote/socket-engine.js';
import { decodeStream } from '../stream/index.js';
import { readFrame, writeEvent, writeRequest } from '../volcengine/frame.js';
import { refusal } from '../volcengine/refusal.js';

const RATE = 24000;

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address up to and with /api, where something stands in front of it',
    environment: ['DOUBAO_TTS_SERVER'],
    default: 'wss://openspeech.bytedance.com/api',
  },
  appid: {
    type: 'string',
    blurb: 'the number of the application',
    environment: ['DOUBAO_APPID'],
    needed: true,
  },
  token: { type: 'secret', blurb: 'its access token', environment: ['DOUBAO_TOKEN'], needed: true },
  'ref-file': { type: 'string', blurb: 'name of the voice', environment: ['REF_FILE'] },
  resource: {
    type: 'string',
    blurb: 'seed-tts-1.0, seed-tts-2.0, seed-icl-2.0, …: asks by version 3 of the service',
    environment: ['DOUBAO_RESOURCE'],
  },
  cluster: {
    type: 'string',
    blurb: 'where the voice is, by version 1; volcano_icl for cloned ones',
    environment: ['DOUBAO_CLUSTER'],
    default: 'volcano_tts',
  },
  speed: { type: 'number', blurb: 'speed, 1 as usual', min: 0.5, max: 2, default: 1 },
  volume: { type: 'number', blurb: 'loudness, 1 as usual', min: 0.5, max: 2, default: 1 },
  emotion: { type: 'string', blurb: 'happy, sad, …, for voices that know it' },
} as const;

/** A few of those there are: https://www.volcengine.com/docs/6561/1257544 and 97465. */
const KNOWN: readonly VoiceInfo[] = [
  ['zh_female_shuangkuaisisi_moon_bigtts', 'female'],
  ['zh_female_cancan_mars_bigtts', 'female'],
  ['zh_male_M392_conversation_wvae_bigtts', 'male'],
  ['BV001_streaming', 'female'],
  ['BV002_streaming', 'male'],
].map(([name = '', gender]) => ({
  name,
  language: 'zh-CN',
  gender: gender === 'male' ? 'male' : 'female',
  rate: RATE,
  description: 'Doubao',
}));

const FINISH_CONNECTION = 2;
const SESSION_FINISHED = 152;
const SESSION_FAILED = 153;
const OK = 20_000_000;

type DoubaoAsk = Ask<typeof OPTIONS>;

export default class DoubaoEngine extends SocketEngine<typeof OPTIONS> {
  readonly info = {
    name: 'doubao',
    longName: 'Doubao',
    description: "Volcano Engine's Doubao voices, Chinese and English",
    defaultVoice: 'zh_female_shuangkuaisisi_moon_bigtts',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    options: OPTIONS,
    remote: {
      protocol: 'WebSocket /v1/tts/ws_binary or /v3/tts/unidirectional/stream, PCM',
      cloning: 'on the service',
      seen: 'fake',
    },
  } as const;

  protected dial({ settings }: DoubaoAsk): Dial {
    const { server, appid, token, resource } = settings;
    if (resource === undefined) {
      // With a semicolon, as it is documented.
      return { url: below(server, 'v1/tts/ws_binary'), headers: { authorization: `Bearer; ${token}` } };
    }
    return {
      url: below(server, 'v3/tts/unidirectional/stream'),
      headers: {
        'X-Api-App-Id': appid,
        'X-Api-Access-Key': token,
        'X-Api-Resource-Id': resource,
        'X-Api-Request-Id': randomUUID(),
      },
    };
  }

  protected async *converse(socket: ServiceSocket, ask: DoubaoAsk): AsyncGenerator<SpeechPiece> {
    const newer = ask.settings.resource !== undefined;
    socket.send(newer ? writeRequest(third(ask), false) : writeRequest(first(ask), true));
    const { signal } = ask;
    yield* decodeStream(sound(socket, ask), { signal, pcm: { encoding: 's16', rate: RATE, channels: 1 } });
    if (newer) socket.send(writeEvent(FINISH_CONNECTION));
  }

  protected override known(): readonly VoiceInfo[] {
    return KNOWN;
  }
}

/** A request by version 1. */
function first({ settings, name, text }: DoubaoAsk): object {
  const { appid, cluster, speed, volume, emotion } = settings;
  return {
    // Who asks is told by the header; this token is any word.
    app: { appid, token: 'access_token', cluster },
    user: { uid: 'talkgraph' },
    audio: {
      voice_type: name,
      encoding: 'pcm',
      rate: RATE,
      speed_ratio: speed,
      volume_ratio: volume,
      ...(emotion !== undefined && { emotion, enable_emotion: true }),
    },
    request: { reqid: randomUUID(), text, text_type: 'plain', operation: 'submit' },
  };
}

/** A request by version 3. */
function third({ settings, name, text }: DoubaoAsk): object {
  const { speed, volume, emotion } = settings;
  const rate = (ratio: number): number => Math.round((ratio - 1) * 100);
  return {
    user: { uid: 'talkgraph' },
    req_params: {
      text,
      speaker: name,
      audio_params: {
        format: 'pcm',
        sample_rate: RATE,
        speech_rate: rate(speed),
        loudness_rate: rate(volume),
        ...(emotion !== undefined && { emotion }),
      },
    },
  };
}

/** The bytes of an answer. Throws TalkError for an error it is told. */
async function* sound(
  socket: ServiceSocket,
  { party, signal }: DoubaoAsk,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const data = await nextMessage(socket, { party, signal });
    if (data === undefined) return;
    const frame = readFrame(data);
    if (frame === undefined) throw wrongType(party, 'a frame that cannot be read', '');
    const { type, payload, event, last } = frame;
    if (type === 'error') throw refusal(party, frame.code ?? 0, textOf(payload));
    if (type === 'sound' && payload.length > 0) yield payload;
    if (event === SESSION_FINISHED || event === SESSION_FAILED) {
      const body = textOf(payload);
      const code = Number(/"status_code"\s*:\s*(\d+)/.exec(body)?.[1] ?? OK);
      if (event === SESSION_FAILED || code !== OK) throw refusal(party, code, body);
    }
    if (last || event === SESSION_FINISHED) return;
  }
}

const textOf = (payload: Uint8Array): string => Buffer.from(payload).toString('utf8').slice(0, 4096);
