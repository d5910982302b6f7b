/**
 * Azure's speech service over its WebSocket: what goes over it is in Microsoft's own client,
 * https://github.com/microsoft/cognitive-services-speech-sdk-js (src/common.speech/SynthesisContext.ts, SpeechSynthesisConnectionFactory.ts);
 * formats and the list of voices: https://learn.microsoft.com/azure/ai-services/speech-service/rest-text-to-speech; mouth shapes:
 * https://learn.microsoft.com/azure/ai-services/speech-service/how-to-speech-synthesis-viseme
 */
import type { Asked, Reply } from './http.js';
import { boundaries, type Came, MicrosoftFake } from './microsoft.js';
import { bytesOf, type Fake, murmur } from './service.js';
import type { Refusal } from './socket.js';

/** Bytes sent at once: no whole number of samples. */
const PART = 1451;
const BASE = '/cognitiveservices';

export class Azure extends MicrosoftFake {
  override readonly secrets = ['azure-key-never-to-be-seen'];
  protected override readonly soundType = 'audio/x-wav';

  get environment(): Record<string, string> {
    return {
      AZURE_TTS_SERVER: `${this.socketAddress}${BASE}`,
      AZURE_TTS_REGION: 'westeurope',
      AZURE_SPEECH_KEY: this.secrets[0]!,
    };
  }

  protected refuses({ url, headers }: Asked): Refusal | undefined {
    if (url.pathname !== `${BASE}/websocket/v1`) return { status: 404 };
    if (!this.#knows(headers)) return { status: 401 };
    return /^[0-9A-F]{32}$/.test(headers['x-connectionid'] ?? '') ? undefined : { status: 400 };
  }

  protected override reply({ url, headers }: Asked): Reply {
    if (url.pathname !== `${BASE}/voices/list`) return { status: 404, json: {} };
    if (!this.#knows(headers)) return { status: 401, json: {} };
    return {
      json: [
        {
          Name: 'Microsoft Server Speech Text to Speech Voice (en-US, AvaMultilingualNeural)',
          DisplayName: 'Ava Multilingual',
          ShortName: 'en-US-AvaMultilingualNeural',
          Gender: 'Female',
          Locale: 'en-US',
          SampleRateHertz: '24000',
          VoiceType: 'Neural',
          Status: 'GA',
        },
      ],
    };
  }

  protected has(voice: string): boolean {
    return /^(zh-CN|en-US)-\w+Neural$/.test(voice);
  }

  protected prepared([config, context, ssml]: readonly Came[]): boolean {
    const system = JSON.parse(config?.body ?? '{}').context?.system;
    const audio = JSON.parse(context?.body ?? '{}').synthesis?.audio;
    const ids = [config, context, ssml].map((one) => one?.headers['X-RequestId'] ?? '');
    return (
      config?.headers['Path'] === 'speech.config' &&
      typeof system?.name === 'string' &&
      context?.headers['Path'] === 'synthesis.context' &&
      audio?.outputFormat === 'raw-24khz-16bit-mono-pcm' &&
      audio.metadataOptions?.visemeEnabled === true &&
      audio.metadataOptions?.wordBoundaryEnabled === true &&
      ids.every((id) => /^[0-9A-F]{32}$/.test(id) && id === ids[0]) &&
      [config, context, ssml].every((one) => /^\d{4}-.*Z$/.test(one?.headers['X-Timestamp'] ?? '')) &&
      ssml?.headers['Content-Type'] === 'application/ssml+xml'
    );
  }

  protected async encoded(text: string): Promise<readonly Uint8Array[]> {
    const bytes = bytesOf(this.padded(text));
    return Array.from({ length: Math.ceil(bytes.length / PART) }, (_, n) =>
      bytes.subarray(n * PART, (n + 1) * PART),
    );
  }

  protected metadata(text: string): readonly object[] {
    const seconds = murmur(text, this.rate).length / this.rate;
    return [
      ...shapes(text, seconds),
      ...boundaries(text, seconds),
      { Type: 'SessionEnd', Data: { Offset: Math.round(seconds * 1e7) } },
    ];
  }

  #knows(headers: Readonly<Record<string, string>>): boolean {
    return headers['ocp-apim-subscription-key'] === this.secrets[0];
  }
}

/** A mouth shape for each character, as evenly as the fake murmurs: a pause for what is no letter. */
function shapes(text: string, seconds: number): object[] {
  const letters = [...text];
  const viseme = (place: number, VisemeId: number) => ({
    Type: 'Viseme',
    Data: {
      Offset: Math.round((place * seconds * 1e7) / letters.length),
      VisemeId,
      AnimationChunk: '',
      IsLastAnimation: false,
    },
  });
  return letters.map((letter, n) =>
    viseme(n, /[\p{L}\p{N}]/u.test(letter) ? 1 + (letter.codePointAt(0)! % 21) : 0),
  );
}

export default { engine: 'azure', open: () => new Azure().listen() } satisfies Fake;
