/**
 * Any server that speaks OpenAI's `POST /v1/audio/speech`: OpenAI itself, Kokoro-FastAPI, openedai-speech, vLLM, LocalAI, …
 *
 * https://platform.openai.com/docs/api-reference/audio/createSpeech. PCM there is 24,000 Hz, 16 bits, mono, little endian; a
 * server that sends something with a header instead is read as what it sends.
 */
import { TalkError } from '../../element/error.js';
import type { Answer, Call } from '../../service/http.js';
import type { VoiceInfo } from '../engine.js';
import { type Ask, below } from '../remote/engine.js';
import { bearer, HttpEngine, json } from '../remote/http-engine.js';
import type { PcmFormat } from '../stream/index.js';

const HOME = 'https://api.openai.com/v1';

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address up to and with /v1',
    environment: ['OPENAI_TTS_SERVER', 'OPENAI_BASE_URL'],
    default: HOME,
  },
  key: { type: 'secret', blurb: 'the key of the server', environment: ['OPENAI_API_KEY'] },
  model: {
    type: 'string',
    blurb: 'the model that speaks',
    environment: ['OPENAI_TTS_MODEL'],
    default: 'gpt-4o-mini-tts',
  },
  instructions: { type: 'string', blurb: 'how it should speak, in words' },
  speed: { type: 'number', blurb: 'speed, 1 as usual', min: 0.25, max: 4 },
  format: { type: 'string', blurb: 'what to ask for: pcm, wav, mp3, opus, flac', default: 'pcm' },
  'sample-rate': { type: 'number', blurb: 'rate of bare samples', min: 8000, max: 48000, default: 24000 },
  'ref-file': { type: 'string', blurb: 'name of the voice' },
} as const;

/** https://platform.openai.com/docs/guides/text-to-speech#voice-options */
const VOICES = 'alloy ash ballad coral echo fable nova onyx sage shimmer verse marin cedar'.split(' ');

export default class OpenAiEngine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'openai',
    longName: 'OpenAI speech',
    description: 'Any server with /v1/audio/speech: OpenAI, Kokoro-FastAPI, vLLM and others',
    defaultVoice: 'alloy',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'HTTP POST /v1/audio/speech', cloning: 'no', seen: 'fake' },
  } as const;

  override lacks(): string | undefined {
    const missing = super.lacks();
    if (missing !== undefined) return missing;
    const { settings } = this.ask({ text: '', signal: AbortSignal.abort() });
    return wantsKey(settings) ? LACK : undefined;
  }

  protected call({ text, name, settings }: Ask<typeof OPTIONS>): Call {
    if (wantsKey(settings)) throw new TalkError('resource/settings', LACK);
    const { server, key, model, instructions, speed, format } = settings;
    const body = json({
      model,
      input: text,
      voice: name,
      response_format: format,
      ...(speed !== undefined && { speed }),
      ...(instructions !== undefined && { instructions }),
    });
    return {
      url: below(server, 'audio/speech'),
      ...body,
      headers: { ...body.headers, ...bearer(key) },
    };
  }

  protected override bare({ settings }: Ask<typeof OPTIONS>, { parameters }: Answer): PcmFormat | undefined {
    if (settings.format !== 'pcm') return undefined;
    const told = Number(parameters['rate']);
    const rate = told >= 8000 && told <= 192_000 ? told : settings['sample-rate'];
    return { encoding: 's16', rate, channels: 1 };
  }

  protected override known(): readonly VoiceInfo[] {
    return VOICES.map((name) => ({ name, language: 'mul', description: 'OpenAI' }));
  }

  /** Kokoro-FastAPI and others list theirs under `/v1/audio/voices`; OpenAI does not. */
  protected override async list({
    settings,
    party,
    signal,
  }: Ask<typeof OPTIONS>): Promise<readonly VoiceInfo[] | undefined> {
    const { server, key } = settings;
    if (server.href.startsWith(HOME)) return undefined;
    const call: Call = { url: below(server, 'audio/voices'), method: 'GET', headers: bearer(key) };
    const told = (await this.http.json(call, party, signal)) as { voices?: unknown } | null;
    if (!Array.isArray(told?.voices)) return undefined;
    return told.voices
      .map((voice: unknown) => (typeof voice === 'string' ? voice : (voice as { id?: unknown } | null)?.id))
      .filter((name): name is string => typeof name === 'string')
      .map((name) => ({ name, language: 'mul', description: party.host }));
  }
}

const LACK =
  'The voice openai needs OPENAI_API_KEY, or OPENAI_TTS_SERVER: the address of a server that wants no key.';

const wantsKey = ({ server, key }: { server: URL; key: string | undefined }): boolean =>
  key === undefined && server.href.startsWith(HOME);
