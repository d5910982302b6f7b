/**
 * Microsoft Edge's read-aloud service, as the edge-tts project describes it: https://github.com/rany2/edge-tts (drm.py, communicate.py);
 * the token: https://github.com/rany2/edge-tts/issues/290
 */
import { createHash } from 'node:crypto';
import { encode } from '../support/encoded.js';
import type { Asked, Reply } from './http.js';
import { boundaries, type Came, MicrosoftFake } from './microsoft.js';
import { type Fake, murmur } from './service.js';
import type { Refusal } from './socket.js';

const TOKEN = '6A5AA1D4EAFF4E9FB37E23D68491D6F4';
/** Samples in a frame of MPEG-2 layer III; what LAME and the decoder put in front. */
const FRAME = 576;
const DELAY = 1105;
/** Bytes sent at once: no whole number of frames. */
const PART = 719;

export class Edge extends MicrosoftFake {
  override readonly lossless = false;
  /** ms that its clock differs from that of the machine. */
  ahead = 0;

  get environment(): Record<string, string> {
    return { EDGE_TTS_SERVER: `${this.socketAddress}/consumer/speech/synthesize/readaloud` };
  }

  /** As it is heard without the delay of MP3, which nothing in it tells of: it has whole frames. */
  override sound(text: string): Int16Array {
    const made = murmur(text, this.rate);
    const heard = new Int16Array(frames(made.length) * FRAME - DELAY);
    heard.set(made);
    return heard;
  }

  protected refuses({ url, headers }: Asked): Refusal | undefined {
    const { searchParams: query, pathname } = url;
    if (pathname !== '/consumer/speech/synthesize/readaloud/edge/v1') return { status: 404 };
    const may =
      this.#knows(query) &&
      query.get('TrustedClientToken') === TOKEN &&
      /^[0-9a-f]{32}$/.test(query.get('ConnectionId') ?? '') &&
      headers['origin'] === 'chrome-extension://jdiccldimpdaibmpdkjnbmckianbfold' &&
      /^muid=[0-9A-F]{32};/.test(headers['cookie'] ?? '') &&
      / Edg\/\d+\.0\.0\.0$/.test(headers['user-agent'] ?? '');
    return may ? undefined : { status: 403, headers: { date: this.#now().toUTCString() } };
  }

  protected override reply({ url }: Asked): Reply {
    const { searchParams: query, pathname } = url;
    if (pathname !== '/consumer/speech/synthesize/readaloud/voices/list') return { status: 404, json: {} };
    if (query.get('trustedclienttoken') !== TOKEN || !this.#knows(query))
      return { status: 403, headers: { date: this.#now().toUTCString() }, json: {} };
    const name = 'Microsoft Server Speech Text to Speech Voice (zh-CN, YunxiaNeural)';
    return {
      json: [
        {
          Name: name,
          ShortName: 'zh-CN-YunxiaNeural',
          Gender: 'Male',
          Locale: 'zh-CN',
          SuggestedCodec: 'audio-24khz-48kbitrate-mono-mp3',
          FriendlyName: 'Microsoft Yunxia Online (Natural) - Chinese (Mainland)',
          Status: 'GA',
        },
      ],
    };
  }

  protected has(voice: string): boolean {
    return /^Microsoft Server Speech Text to Speech Voice \(zh-CN(-[a-z]+)?, \w+Neural\)$/.test(voice);
  }

  protected prepared([config, ssml]: readonly Came[]): boolean {
    const browser = /^\w{3} \w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT\+0000 \(Coordinated Universal Time\)Z?$/;
    const audio = JSON.parse(config?.body ?? '{}').context?.synthesis?.audio;
    return (
      config?.headers['Path'] === 'speech.config' &&
      audio?.outputFormat === 'audio-24khz-48kbitrate-mono-mp3' &&
      browser.test(config.headers['X-Timestamp'] ?? '') &&
      browser.test(ssml?.headers['X-Timestamp'] ?? '') &&
      /^[0-9a-f]{32}$/.test(ssml?.headers['X-RequestId'] ?? '') &&
      ssml?.headers['Content-Type'] === 'application/ssml+xml' &&
      // Longer texts are refused.
      Buffer.byteLength(ssml.body) < 4096 + 600
    );
  }

  protected async encoded(text: string): Promise<readonly Uint8Array[]> {
    const line = 'lamemp3enc target=bitrate bitrate=48 cbr=true mono=true';
    const mp3 = await encode(this.padded(text), this.rate, line);
    return Array.from({ length: Math.ceil(mp3.length / PART) }, (_, n) =>
      mp3.subarray(n * PART, (n + 1) * PART),
    );
  }

  protected metadata(text: string): readonly object[] {
    const words = boundaries(text, murmur(text, this.rate).length / this.rate);
    return [...words, { Type: 'SessionEnd', Data: { Offset: 0 } }];
  }

  #now(): Date {
    return new Date(Date.now() + this.ahead);
  }

  #knows(query: URLSearchParams): boolean {
    const seconds = Math.floor(this.#now().getTime() / 1000) + 11_644_473_600;
    const text = `${(seconds - (seconds % 300)) * 1e7}${TOKEN}`;
    const hash = createHash('sha256').update(text).digest('hex').toUpperCase();
    return (
      query.get('Sec-MS-GEC') === hash && /^1-\d+(\.\d+){3}$/.test(query.get('Sec-MS-GEC-Version') ?? '')
    );
  }
}

/** Frames that LAME makes of so many samples: two more than they fill. */
const frames = (samples: number): number => Math.ceil(samples / FRAME) + 2;

export default { engine: 'edge', open: () => new Edge().listen() } satisfies Fake;
