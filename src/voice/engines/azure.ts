/**
 * Azure's speech service, over its WebSocket: bare samples as they are made, words, and mouth shapes with their times.
 *
 * REST would give the sound alone. The protocol stands in Microsoft's own clients, as
 * https://github.com/microsoft/cognitive-services-speech-sdk-js (src/common.speech/SynthesisAdapterBase.ts, SynthesisContext.ts):
 * three messages go out (`speech.config`, `synthesis.context`, `ssml`), a turn comes back (`../microsoft/turn.ts`).
 */
import { randomUUID } from 'node:crypto';
import { TalkError } from '../../element/error.js';
import type { ServiceSocket } from '../../service/socket.js';
import type { SpeechPiece, VoiceInfo } from '../engine.js';
import { writeMessage } from '../microsoft/message.js';
import { ssml } from '../microsoft/ssml.js';
import { withoutTail } from '../microsoft/tail.js';
import { readTurn } from '../microsoft/turn.js';
import { knownVoices, localeOf, voicesOf } from '../microsoft/voices.js';
import type { Settings } from '../options.js';
import { type Ask, below } from '../remote/engine.js';
import type { Party } from '../remote/refusal.js';
import { type Dial, SocketEngine, webAddress } from '../remote/socket-engine.js';

const RATE = 24000;

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address up to and with /cognitiveservices, where something stands in front of it',
    environment: ['AZURE_TTS_SERVER'],
  },
  region: {
    type: 'string',
    blurb: 'the region of the key, as westeurope',
    environment: ['AZURE_TTS_REGION'],
  },
  key: { type: 'secret', blurb: 'the key', environment: ['AZURE_SPEECH_KEY'], needed: true },
  'ref-file': { type: 'string', blurb: 'name of the voice', environment: ['REF_FILE'] },
  style: { type: 'string', blurb: 'a style that the voice knows, as cheerful' },
  speed: { type: 'number', blurb: 'speed, 1 as usual', min: 0.5, max: 2 },
  pitch: { type: 'number', blurb: 'per cent higher', min: -50, max: 50 },
  volume: { type: 'number', blurb: 'per cent louder', min: -100, max: 100 },
} as const;

/** A few of the 500 there are. */
const KNOWN = knownVoices(
  [
    ['zh-CN-XiaoxiaoMultilingualNeural', 'female'],
    ['zh-CN-YunxiNeural', 'male'],
    ['en-US-AvaMultilingualNeural', 'female'],
    ['en-US-AndrewMultilingualNeural', 'male'],
    ['en-GB-SoniaNeural', 'female'],
    ['de-DE-KatjaNeural', 'female'],
    ['fr-FR-DeniseNeural', 'female'],
    ['es-ES-ElviraNeural', 'female'],
    ['ja-JP-NanamiNeural', 'female'],
  ],
  RATE,
  'Azure',
);

const LACK =
  'The voice azure needs AZURE_TTS_REGION: the region of the key, as westeurope; or AZURE_TTS_SERVER, an address.';

type AzureAsk = Ask<typeof OPTIONS>;

export default class AzureEngine extends SocketEngine<typeof OPTIONS> {
  readonly info = {
    name: 'azure',
    longName: 'Azure speech',
    description: "Microsoft's voices in some 140 languages, for a key",
    defaultVoice: 'zh-CN-XiaoxiaoMultilingualNeural',
    text: 'sentences',
    streaming: true,
    marks: ['phoneme', 'word'],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'WebSocket /websocket/v1, PCM', cloning: 'no', seen: 'fake' },
  } as const;

  override lacks(): string | undefined {
    const missing = super.lacks();
    if (missing !== undefined) return missing;
    const { AZURE_TTS_REGION: region, AZURE_TTS_SERVER: server } = process.env;
    return [region, server].some((value) => value !== undefined && value.trim() !== '') ? undefined : LACK;
  }

  protected override server({ server, region }: Settings<typeof OPTIONS>): URL {
    if (server !== undefined) return server;
    if (region === undefined) throw new TalkError('resource/settings', LACK);
    // A name and nothing else: the key goes to the host that is made of it.
    if (!/^[a-z][a-z0-9-]{1,40}$/i.test(region)) {
      throw new TalkError(
        'resource/settings',
        `Expected a region for azure, as westeurope, but received "${region.slice(0, 40)}".`,
      );
    }
    return new URL(`wss://${region.toLowerCase()}.tts.speech.${cloudOf(region)}/cognitiveservices`);
  }

  protected dial({ settings }: AzureAsk): Dial {
    return {
      url: below(this.server(settings), 'websocket/v1'),
      headers: { 'Ocp-Apim-Subscription-Key': settings.key, 'X-ConnectionId': dashless() },
    };
  }

  protected async *converse(socket: ServiceSocket, ask: AzureAsk): AsyncGenerator<SpeechPiece> {
    const { settings, name, text } = ask;
    const id = dashless();
    const tell = (path: string, type: string, body: string): void =>
      socket.send(
        writeMessage(
          {
            Path: path,
            'X-RequestId': id,
            'X-Timestamp': new Date().toISOString(),
            'Content-Type': type,
          },
          body,
        ),
      );
    const system = { name: 'talkgraph', version: '1', build: 'Node', lang: 'TypeScript' };
    tell('speech.config', 'application/json', JSON.stringify({ context: { system } }));
    const metadataOptions = {
      bookmarkEnabled: false,
      sentenceBoundaryEnabled: false,
      visemeEnabled: true,
      wordBoundaryEnabled: true,
    };
    const audio = { metadataOptions, outputFormat: `raw-${RATE / 1000}khz-16bit-mono-pcm` };
    const context = { synthesis: { audio, language: { autoDetection: false } } };
    tell('synthesis.context', 'application/json', JSON.stringify(context));
    const { speed, pitch, volume, style } = settings;
    const manner = { voice: name, language: localeOf(name), speed, pitch, volume, style };
    tell('ssml', 'application/ssml+xml', ssml(text, manner));
    const { party, signal, pause = 'sentence' } = ask;
    const pcm = { encoding: 's16', rate: RATE, channels: 1 } as const;
    yield* withoutTail(readTurn(socket, { party, signal, pcm }), pause);
  }

  /** Closed with 4429: too much at once. */
  protected override explain(status: number, _body: string, { engine, host }: Party): TalkError | undefined {
    if (status !== 4429) return undefined;
    const sentence = `${host} is asked too often, or for too much, by the voice ${engine} (${status}).`;
    return new TalkError('resource/rate', sentence, {
      retryable: true,
      details: { engine, host, closeCode: status },
    });
  }

  protected override known(): readonly VoiceInfo[] {
    return KNOWN;
  }

  protected override async list({ settings, party, signal }: AzureAsk): Promise<readonly VoiceInfo[]> {
    const url = webAddress(below(this.server(settings), 'voices/list'));
    const headers = { 'Ocp-Apim-Subscription-Key': settings.key };
    return voicesOf(await this.http.json({ url, method: 'GET', headers }, party, signal), RATE);
  }
}

/** https://learn.microsoft.com/azure/ai-services/speech-service/sovereign-clouds */
function cloudOf(region: string): string {
  if (/^china/i.test(region)) return 'azure.cn';
  return /^usgov/i.test(region) ? 'azure.us' : 'microsoft.com';
}

const dashless = (): string => randomUUID().replaceAll('-', '').toUpperCase();
