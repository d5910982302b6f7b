/**
 * Tencent Cloud's streaming synthesis: https://cloud.tencent.com/document/product/441/19499
 *
 * The request is signed: HMAC-SHA1 over method, host, path and the sorted parameters, as they are, in base64. The sound is bare
 * samples; an error is JSON with status 200 where the sound would be. Its clock may not be off by much.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { TalkError } from '../../element/error.js';
import type { Answer, Call } from '../../service/http.js';
import type { SpeechPiece } from '../engine.js';
import type { Ask } from '../remote/engine.js';
import { HttpEngine, json } from '../remote/http-engine.js';
import { type Party, quote, wrongType } from '../remote/refusal.js';
import { ByteReader, type PcmFormat } from '../stream/index.js';

const HOME = 'https://tts.cloud.tencent.com/stream';
/** What is signed is always this, whatever stands in front of it. */
const SIGNED = 'POSTtts.cloud.tencent.com/stream?';
const DAY_S = 86_400;
const RATE = 16000;

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address, where something stands in front of it',
    environment: ['TENCENT_TTS_SERVER'],
    default: HOME,
  },
  appid: { type: 'number', blurb: 'the number of the account', environment: ['TENCENT_APPID'], needed: true },
  'secret-id': {
    type: 'secret',
    blurb: 'the id of the key',
    environment: ['TENCENT_SECRET_ID'],
    needed: true,
  },
  'secret-key': { type: 'secret', blurb: 'the key', environment: ['TENCENT_SECRET_KEY'], needed: true },
  'ref-file': { type: 'string', blurb: 'number of the voice', environment: ['REF_FILE'] },
  speed: {
    type: 'number',
    blurb: 'from -2 (0.6 times) over 0 to 6 (2.5 times)',
    min: -2,
    max: 6,
    default: 0,
  },
  volume: { type: 'number', blurb: 'from 0 to 10, 0 is usual', min: -10, max: 10, default: 0 },
} as const;

type TencentAsk = Ask<typeof OPTIONS>;

export default class TencentEngine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'tencent',
    longName: 'Tencent Cloud',
    description: "Tencent Cloud's voices, Chinese and English",
    defaultVoice: '101001',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'HTTPS POST /stream, PCM', cloning: 'no', seen: 'fake' },
  } as const;

  protected call({ text, name, settings }: TencentAsk): Call {
    // A REF_FILE that another engine needs is no number.
    const voice = Number(name);
    if (!Number.isSafeInteger(voice)) {
      throw new TalkError(
        'resource/settings',
        `Expected the number of a voice for tencent but received "${name.slice(0, 40)}".`,
      );
    }
    const now = Math.floor(Date.now() / 1000);
    const parameters: Record<string, string | number> = {
      Action: 'TextToStreamAudio',
      AppId: settings.appid,
      Codec: 'pcm',
      Expired: now + DAY_S,
      ModelType: 1,
      SampleRate: RATE,
      SecretId: settings['secret-id'],
      SessionId: randomUUID(),
      Speed: settings.speed,
      Text: text,
      Timestamp: now,
      VoiceType: voice,
      Volume: settings.volume,
    };
    const body = json(parameters);
    const authorization = signature(parameters, settings['secret-key']);
    return { url: settings.server, ...body, headers: { ...body.headers, authorization } };
  }

  protected override bare(): PcmFormat {
    return { encoding: 's16', rate: RATE, channels: 1 };
  }

  protected override async *sound(ask: TencentAsk, answer: Answer): AsyncIterable<SpeechPiece> {
    const reader = new ByteReader(answer.body);
    const head = Buffer.from(await reader.peek(2)).toString('latin1');
    // No speech begins with a leap to 0x227B.
    if (head === '{"') {
      const said = Buffer.from(await reader.peek(4096)).toString('utf8');
      throw wrongType(ask.party, answer.type || 'JSON', said);
    }
    // The type of the answer says nothing here: only what is in it does.
    yield* super.sound(ask, {
      ...answer,
      type: /json|html|text/.test(answer.type) ? answer.type : '',
      body: rest(reader),
    });
  }

  protected override explain(_status: number, body: string, party: Party): TalkError | undefined {
    const code = /"Code"\s*:\s*"([\w.]{1,80})"/.exec(body)?.[1];
    if (code === undefined) return undefined;
    const [meaning, retryable] =
      MEANINGS.find(([prefix]) => code.startsWith(prefix))?.[1] ?? (['resource/settings', false] as const);
    return new TalkError(
      meaning,
      `Tencent refuses the voice tencent (${code}). It says: "${quote(body, party)}"`,
      {
        retryable,
        details: { engine: 'tencent', host: party.host, code },
      },
    );
  }
}

/** https://cloud.tencent.com/api/error-center?product=tts, by the beginning of the code. */
const MEANINGS = [
  ['AuthFailure', ['resource/not-authorized', false]],
  ['UnauthorizedOperation', ['resource/not-authorized', false]],
  ['InternalError', ['resource/unreachable', true]],
  ['RequestLimitExceeded', ['resource/rate', true]],
  ['LimitExceeded', ['resource/rate', true]],
  ['ResourceInsufficient', ['resource/quota', false]],
  ['UnsupportedOperation.PkgExhausted', ['resource/quota', false]],
] as const;

/** The header `Authorization`. */
export function signature(parameters: Readonly<Record<string, string | number>>, key: string): string {
  const sorted = Object.keys(parameters).sort();
  const text = SIGNED + sorted.map((name) => `${name}=${parameters[name]}`).join('&');
  return createHmac('sha1', key).update(text).digest('base64');
}

async function* rest(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (let part = await reader.some(); part !== undefined; part = await reader.some()) yield part;
  } finally {
    reader.close();
  }
}
