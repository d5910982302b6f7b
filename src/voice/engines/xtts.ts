/**
 * Coqui's xtts-streaming-server: https://github.com/coqui-ai/xtts-streaming-server/blob/main/server/main.py
 *
 * A recording is made a speaker once (`POST /clone_speaker`), and the speaker goes along with every text (`POST /tts_stream`); a name
 * is one of the studio's speakers (`GET /studio_speakers`). The sound has a WAV header unless it is asked not to.
 */
import { TalkError } from '../../element/error.js';
import type { Call } from '../../service/http.js';
import type { VoiceInfo } from '../engine.js';
import { type Ask, below } from '../remote/engine.js';
import { form, HttpEngine, json } from '../remote/http-engine.js';
import { languageOf } from '../remote/language.js';
import { isPath, Prepared, readReference } from '../remote/reference.js';
import type { PcmFormat } from '../stream/index.js';

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address of xtts-streaming-server, as http://127.0.0.1:9000',
    environment: ['XTTS_SERVER', 'TTS_SERVER'],
    needed: true,
  },
  'ref-file': {
    type: 'file',
    blurb: "a recording to speak like, or a speaker of the studio's",
    environment: ['REF_FILE'],
  },
  language: { type: 'string', blurb: 'zh-cn, en, de, …; by its letters where it is not set' },
  'stream-chunk-size': { type: 'string', blurb: 'tokens made before they are sent', default: '20' },
} as const;

type XttsAsk = Ask<typeof OPTIONS>;
type Speaker = Readonly<Record<string, unknown>>;

export default class XttsEngine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'xtts',
    longName: 'XTTS',
    description: 'Speaks like a recording, in 17 languages, by an XTTS server of your own',
    defaultVoice: 'reference',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    maxSentence: 250,
    options: OPTIONS,
    remote: { protocol: 'HTTP POST /tts_stream, PCM', cloning: 'sent', seen: 'fake' },
  } as const;

  readonly #speakers = new Prepared<Speaker>();

  protected async call(ask: XttsAsk): Promise<Call> {
    const { text, settings } = ask;
    const speaker = await this.#speaker(ask);
    const body = json({
      ...speaker,
      text,
      language: settings.language ?? languageOf(text).replace(/^zh$/, 'zh-cn'),
      stream_chunk_size: settings['stream-chunk-size'],
    });
    return { url: below(settings.server, 'tts_stream'), ...body };
  }

  protected override bare(): PcmFormat {
    return { encoding: 's16', rate: 24000, channels: 1 };
  }

  protected override async list({ settings, party, signal }: XttsAsk): Promise<readonly VoiceInfo[]> {
    const speakers = await this.#studio(settings.server, party, signal);
    return Object.keys(speakers).map((name) => ({ name, language: 'mul', description: party.host }));
  }

  override async close(): Promise<void> {
    this.#speakers.forget();
    await super.close();
  }

  async #speaker({ name, settings, party, signal }: XttsAsk): Promise<Speaker> {
    const { server } = settings;
    if (name === this.info.defaultVoice) {
      throw new TalkError(
        'resource/settings',
        'The voice xtts needs REF_FILE: a recording to speak like, or a speaker.',
      );
    }
    if (!isPath(name)) {
      return this.#speakers.get(`${server} ${name}`, async () => {
        const found = (await this.#studio(server, party, signal))[name];
        if (found !== undefined) return found;
        throw new TalkError(
          'resource/not-found',
          `There is no speaker ${name.slice(0, 80)} at ${party.host} for the voice xtts.`,
        );
      });
    }
    const { bytes, name: file, version } = await readReference(name);
    return this.#speakers.get(`${server} ${version}`, async () => {
      const fields = new FormData();
      fields.set('wav_file', new Blob([bytes]), file);
      const call: Call = { url: below(server, 'clone_speaker'), ...(await form(fields)) };
      return (await this.http.json(call, party, signal)) as Speaker;
    });
  }

  async #studio(server: URL, party: XttsAsk['party'], signal: AbortSignal): Promise<Record<string, Speaker>> {
    const call: Call = { url: below(server, 'studio_speakers'), method: 'GET' };
    return ((await this.http.json(call, party, signal)) ?? {}) as Record<string, Speaker>;
  }
}
