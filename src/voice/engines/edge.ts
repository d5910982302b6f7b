/**
 * The voices with which Microsoft Edge reads pages aloud: many languages, no key, no contract.
 *
 * The protocol is the one of Azure's speech services with a token instead of a key (`../microsoft/`); it is documented nowhere but
 * in what the edge-tts project has found out: https://github.com/rany2/edge-tts. MP3 at 24 kHz is all it gives. The
 * service turns away whose clock is wrong; its refusal says what time it is, so a second try may be right.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServiceSocket } from '../../service/socket.js';
import type { Listing, SpeechPiece, VoiceInfo } from '../engine.js';
import { writeMessage } from '../microsoft/message.js';
import { ssml } from '../microsoft/ssml.js';
import { withoutTail } from '../microsoft/tail.js';
import { CLIENT_TOKEN, secMsGec } from '../microsoft/token.js';
import { readTurn } from '../microsoft/turn.js';
import { knownVoices, localeOf, voicesOf } from '../microsoft/voices.js';
import { readSettings } from '../options.js';
import { type Ask, below } from '../remote/engine.js';
import { type Dial, SocketEngine, webAddress } from '../remote/socket-engine.js';

/** The version of the browser it says it is; the service wants a recent one. */
const CHROMIUM = '143.0.3650.75';
const MAJOR = CHROMIUM.split('.', 1)[0]!;
const HEADERS = {
  'user-agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
    `Chrome/${MAJOR}.0.0.0 Safari/537.36 Edg/${MAJOR}.0.0.0`,
  'accept-language': 'en-US,en;q=0.9',
};
const FORMAT = 'audio-24khz-48kbitrate-mono-mp3';
/**
 * Samples that MP3 puts in front: a frame of the encoder's and 529 of the decoder's, 46 ms. The service does not say so in its
 * stream, and its times do not count them. Were they fewer, what is cut off too much is silence: no text begins at once.
 */
const DELAY = 576 + 529;

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address up to and with /readaloud, where something stands in front of it',
    environment: ['EDGE_TTS_SERVER'],
    default: 'wss://speech.platform.bing.com/consumer/speech/synthesize/readaloud',
  },
  'ref-file': { type: 'string', blurb: 'name of the voice', environment: ['REF_FILE'] },
  speed: { type: 'number', blurb: 'speed, 1 as usual', min: 0.5, max: 2 },
  pitch: { type: 'number', blurb: 'per cent higher', min: -50, max: 50 },
  volume: { type: 'number', blurb: 'per cent louder', min: -100, max: 100 },
} as const;

/** A few of the 300 there are. */
const KNOWN = knownVoices(
  [
    ['zh-CN-YunxiaNeural', 'male'],
    ['zh-CN-XiaoxiaoNeural', 'female'],
    ['zh-CN-YunxiNeural', 'male'],
    ['zh-TW-HsiaoChenNeural', 'female'],
    ['en-US-AriaNeural', 'female'],
    ['en-US-EmmaMultilingualNeural', 'female'],
    ['en-US-GuyNeural', 'male'],
    ['en-GB-SoniaNeural', 'female'],
    ['de-DE-KatjaNeural', 'female'],
    ['fr-FR-DeniseNeural', 'female'],
    ['es-ES-ElviraNeural', 'female'],
    ['ja-JP-NanamiNeural', 'female'],
  ],
  24000,
  'Microsoft Edge',
);

type EdgeAsk = Ask<typeof OPTIONS>;

export default class EdgeEngine extends SocketEngine<typeof OPTIONS> {
  readonly info = {
    name: 'edge',
    longName: 'Microsoft Edge, read aloud',
    description: "Microsoft's free voices in some 100 languages",
    defaultVoice: 'zh-CN-YunxiaNeural',
    text: 'sentences',
    streaming: true,
    marks: ['word'],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'WebSocket /edge/v1, MP3', cloning: 'no', seen: 'fake' },
  } as const;

  /** Whoever lists all voices has not asked for a word with Microsoft: those that are known, then. */
  override async voices({ named = false }: Listing = {}): Promise<readonly VoiceInfo[]> {
    const { server } = readSettings(this.name, OPTIONS);
    return named || server.href !== OPTIONS.server.default ? await super.voices() : this.known();
  }

  /** ms that the service's clock is ahead of ours, as far as we were told. */
  #ahead = 0;

  override async close(): Promise<void> {
    this.#ahead = 0;
    await super.close();
  }

  protected dial({ settings }: EdgeAsk): Dial {
    const url = below(settings.server, 'edge/v1');
    url.search = new URLSearchParams({
      TrustedClientToken: CLIENT_TOKEN,
      ConnectionId: randomUUID().replaceAll('-', ''),
      ...this.#pass(),
    }).toString();
    return {
      url,
      headers: {
        ...HEADERS,
        pragma: 'no-cache',
        'cache-control': 'no-cache',
        origin: 'chrome-extension://jdiccldimpdaibmpdkjnbmckianbfold',
        cookie: `muid=${randomBytes(16).toString('hex').toUpperCase()};`,
      },
      onRefused: this.#setClock,
    };
  }

  protected override open(ask: EdgeAsk): Promise<ServiceSocket> {
    return this.#admitted(ask, () => super.open(ask));
  }

  protected async *converse(socket: ServiceSocket, ask: EdgeAsk): AsyncGenerator<SpeechPiece> {
    const { settings, name, text } = ask;
    const { speed, pitch, volume } = settings;
    const time = browserTime();
    const wishes = {
      metadataoptions: { sentenceBoundaryEnabled: 'false', wordBoundaryEnabled: 'true' },
      outputFormat: FORMAT,
    };
    socket.send(
      writeMessage(
        {
          'X-Timestamp': time,
          'Content-Type': 'application/json; charset=utf-8',
          Path: 'speech.config',
        },
        `${JSON.stringify({ context: { synthesis: { audio: wishes } } })}\r\n`,
      ),
    );
    const manner = { voice: longName(name), language: localeOf(name), speed, pitch, volume };
    socket.send(
      writeMessage(
        {
          'X-RequestId': randomUUID().replaceAll('-', ''),
          'Content-Type': 'application/ssml+xml',
          // The browser writes a Z behind it, too.
          'X-Timestamp': `${time}Z`,
          Path: 'ssml',
        },
        ssml(text, manner),
      ),
    );
    const { party, signal, pause = 'sentence' } = ask;
    yield* withoutTail(readTurn(socket, { party, signal, delay: DELAY }), pause);
  }

  protected override known(): readonly VoiceInfo[] {
    return KNOWN;
  }

  protected override async list(ask: EdgeAsk): Promise<readonly VoiceInfo[]> {
    const { settings, party, signal } = ask;
    const told = await this.#admitted(ask, () => {
      const url = webAddress(below(settings.server, 'voices/list'));
      url.search = new URLSearchParams({ trustedclienttoken: CLIENT_TOKEN, ...this.#pass() }).toString();
      const call = { url, method: 'GET', headers: HEADERS, onRefused: this.#setClock } as const;
      return this.http.json(call, party, signal);
    });
    return voicesOf(told, 24000);
  }

  /** What needs a pass; again where the service's clock makes another one: with the same it would be refused again. */
  async #admitted<T>({ signal }: EdgeAsk, work: () => Promise<T>): Promise<T> {
    const shown = this.#pass()['Sec-MS-GEC'];
    try {
      return await work();
    } catch (cause) {
      if (signal.aborted || this.#pass()['Sec-MS-GEC'] === shown) throw cause;
      return await work();
    }
  }

  /** A refusal says what time it is there. */
  readonly #setClock = ({ statusCode, headers }: IncomingMessage): void => {
    const theirs = Date.parse(headers.date ?? '');
    if (statusCode === 403 && Number.isFinite(theirs)) this.#ahead = theirs - Date.now();
  };

  #pass(): Record<string, string> {
    return {
      'Sec-MS-GEC': secMsGec(Date.now() + this.#ahead),
      'Sec-MS-GEC-Version': `1-${CHROMIUM}`,
    };
  }
}

/** `zh-CN-YunxiaNeural` as the browser names it; other names as they are. */
function longName(name: string): string {
  const parts = /^([a-z]{2,3})-([A-Za-z]{2,4}(?:-[a-z]+)?)-([A-Za-z]+Neural)$/.exec(name);
  if (parts === null) return name;
  return `Microsoft Server Speech Text to Speech Voice (${parts[1]}-${parts[2]}, ${parts[3]})`;
}

/** `Mon Nov 30 2026 04:25:01 GMT+0000 (Coordinated Universal Time)`. */
function browserTime(): string {
  const [weekday, day, month, year, time] = new Date().toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${year} ${time} GMT+0000 (Coordinated Universal Time)`;
}
