/**
 * Qwen's voices on Alibaba Cloud's Model Studio (DashScope), over their realtime WebSocket.
 *
 * https://help.aliyun.com/zh/model-studio/qwen-tts-realtime-client-events and -server-events. One session for each sentence, in the
 * mode `commit`: its text is put in and committed, its sound comes in base64, `response.done` ends it. Rate and format are asked
 * for by name; LiveTalking asks for 24 kHz, says 16 kHz beside it, and plays what comes a third too slow.
 */
import { randomUUID } from 'node:crypto';
import { TalkError } from '../../element/error.js';
import type { ServiceSocket } from '../../service/socket.js';
import type { SpeechPiece, VoiceInfo } from '../engine.js';
import type { Ask } from '../remote/engine.js';
import { languageOf } from '../remote/language.js';
import { type Party, quote, wrongType } from '../remote/refusal.js';
import { type Dial, nextMessage, SocketEngine } from '../remote/socket-engine.js';
import { decodeStream } from '../stream/index.js';

const RATE = 24000;

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address; outside China wss://dashscope-intl.aliyuncs.com/api-ws/v1/realtime',
    environment: ['QWEN_TTS_SERVER', 'QWEN_TTS_URL'],
    default: 'wss://dashscope.aliyuncs.com/api-ws/v1/realtime',
  },
  key: { type: 'secret', blurb: 'the key', environment: ['DASHSCOPE_API_KEY'], needed: true },
  model: {
    type: 'string',
    blurb: 'the model that speaks',
    environment: ['QWEN_TTS_MODEL'],
    default: 'qwen3-tts-flash-realtime',
  },
  'ref-file': { type: 'string', blurb: 'name of the voice', environment: ['REF_FILE'] },
  language: { type: 'string', blurb: 'Auto, Chinese, English, …; follows from the letters' },
  instructions: { type: 'string', blurb: 'how it should speak, in words, for models that listen to it' },
  speed: { type: 'number', blurb: 'speed, 1 as usual', min: 0.5, max: 2 },
  pitch: { type: 'number', blurb: 'pitch, 1 as usual', min: 0.5, max: 2 },
  volume: { type: 'number', blurb: 'loudness, 50 as usual', min: 0, max: 100 },
} as const;

/** A few of the 50 there are: https://help.aliyun.com/zh/model-studio/qwen-tts-realtime */
const KNOWN: readonly VoiceInfo[] = [
  ['Cherry', 'female'],
  ['Serena', 'female'],
  ['Ethan', 'male'],
  ['Chelsie', 'female'],
  ['Jennifer', 'female'],
  ['Ryan', 'male'],
  ['Katerina', 'female'],
  ['Dylan', 'male'],
].map(([name = '', gender]) => ({
  name,
  language: 'mul',
  gender: gender === 'male' ? 'male' : 'female',
  rate: RATE,
  description: 'Qwen',
}));

type QwenAsk = Ask<typeof OPTIONS>;

/** A message of the service as far as it is read here. */
interface Told {
  readonly type?: string;
  /** Samples in base64. */
  readonly delta?: string;
  readonly response?: { readonly status?: string };
}

export default class QwenEngine extends SocketEngine<typeof OPTIONS> {
  readonly info = {
    name: 'qwen',
    longName: 'Qwen TTS',
    description: "Alibaba Cloud's Qwen voices in ten languages and some dialects",
    defaultVoice: 'Cherry',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'WebSocket /realtime, PCM', cloning: 'on the service', seen: 'fake' },
  } as const;

  protected dial({ settings }: QwenAsk): Dial {
    const url = new URL(settings.server);
    url.searchParams.set('model', settings.model);
    return { url, headers: { authorization: `Bearer ${settings.key}` } };
  }

  protected async *converse(socket: ServiceSocket, ask: QwenAsk): AsyncGenerator<SpeechPiece> {
    const { settings, name, text, signal } = ask;
    const tell = (type: string, rest: object = {}): void =>
      socket.send(JSON.stringify({ event_id: `event_${randomUUID()}`, type, ...rest }));
    const { instructions, speed, pitch, volume } = settings;
    tell('session.update', {
      session: {
        voice: name,
        mode: 'commit',
        language_type: settings.language ?? languageName(text),
        response_format: 'pcm',
        sample_rate: RATE,
        ...(instructions !== undefined && { instructions }),
        ...(speed !== undefined && { speech_rate: speed }),
        ...(pitch !== undefined && { pitch_rate: pitch }),
        ...(volume !== undefined && { volume }),
      },
    });
    tell('input_text_buffer.append', { text });
    tell('input_text_buffer.commit');
    yield* decodeStream(sound(socket, ask), { signal, pcm: { encoding: 's16', rate: RATE, channels: 1 } });
    tell('session.finish');
  }

  /** https://help.aliyun.com/zh/model-studio/error-code, by the beginning of the code. */
  protected override explain(status: number, body: string, party: Party): TalkError | undefined {
    const code = codeIn(body);
    if (code === undefined) return undefined;
    const known = MEANINGS.find(([prefix]) => code.startsWith(prefix))?.[1];
    // A status says more than a code that nobody knows.
    if (known === undefined && status >= 400 && status < 600) return undefined;
    const [meaning, retryable] = known ?? (['resource/settings', false] as const);
    const { engine, host } = party;
    return new TalkError(
      meaning,
      `${host} refuses the voice ${engine} (${code}). It says: "${quote(body, party)}"`,
      { retryable, details: { engine, host, code } },
    );
  }

  protected override known(): readonly VoiceInfo[] {
    return KNOWN;
  }
}

const MEANINGS = [
  ['Throttling.AllocationQuota', ['resource/quota', false]],
  ['Throttling', ['resource/rate', true]],
  ['LimitRequests', ['resource/rate', true]],
  ['Arrearage', ['resource/quota', false]],
  ['InvalidApiKey', ['resource/not-authorized', false]],
  ['AccessDenied', ['resource/not-authorized', false]],
  ['Model.AccessDenied', ['resource/not-authorized', false]],
  ['Workspace.AccessDenied', ['resource/not-authorized', false]],
  ['ModelNotFound', ['resource/not-found', false]],
  ['InternalError', ['resource/unreachable', true]],
  ['ServiceUnavailable', ['resource/unreachable', true]],
  ['ModelServiceFailed', ['resource/unreachable', true]],
  ['ModelUnavailable', ['resource/unreachable', true]],
  ['RequestTimeOut', ['resource/unreachable', true]],
] as const;

/** The bytes of the answer to one committed text. Throws TalkError for an error it is told. */
async function* sound(
  socket: ServiceSocket,
  { party, signal }: QwenAsk,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const data = await nextMessage(socket, { party, signal });
    if (data === undefined) return;
    const told = read(data);
    if (told === undefined) throw wrongType(party, 'something else than JSON', String(data).slice(0, 4096));
    if (told.type === 'error') throw wrongType(party, 'an error', String(data));
    if (told.type === 'response.audio.delta') yield Buffer.from(told.delta ?? '', 'base64');
    if (told.type !== 'response.done') continue;
    const status = told.response?.status ?? 'completed';
    if (status !== 'completed') throw wrongType(party, `an answer that is ${status}`, String(data));
    return;
  }
}

function read(data: string | Uint8Array): Told | undefined {
  try {
    const value: unknown = JSON.parse(String(data));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `Throttling.RateQuota` of `{"code": …}` or `{"error": {"code": …}}`. */
function codeIn(body: string): string | undefined {
  const told = read(body) as { code?: unknown; error?: { code?: unknown } | null } | undefined;
  const code = told?.error?.code ?? told?.code;
  return typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  zh: 'Chinese',
  ja: 'Japanese',
  ko: 'Korean',
  ru: 'Russian',
};

/** A language's name where the letters tell it; with Latin letters in it the service is to find out itself. */
function languageName(text: string): string {
  return /\p{Script=Latin}/u.test(text) ? 'Auto' : (NAMES[languageOf(text)] ?? 'Auto');
}
