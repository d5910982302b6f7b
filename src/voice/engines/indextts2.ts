/**
 * IndexTTS2 by the web page that comes with it (webui.py), asked as Gradio is asked by programs:
 * https://www.gradio.app/guides/querying-gradio-apps-with-curl, https://github.com/index-tts/index-tts/blob/main/webui.py
 *
 * The recording is uploaded once; each sentence is an event that is begun by a POST and told by server-sent events, and ends as a
 * file that is fetched. Sentences come whole: the page makes nothing sooner. The order of the values is that of the page's inputs.
 */
import { TalkError } from '../../element/error.js';
import type { Call } from '../../service/http.js';
import { events } from '../../service/sse.js';
import { type Ask, below } from '../remote/engine.js';
import { form, HttpEngine, json } from '../remote/http-engine.js';
import { isPath, Prepared, readReference } from '../remote/reference.js';
import { type Party, quote, wrongType } from '../remote/refusal.js';

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address of its page, as http://127.0.0.1:7860',
    environment: ['INDEXTTS2_SERVER', 'TTS_SERVER'],
    needed: true,
  },
  'ref-file': { type: 'file', blurb: 'a recording to speak like', environment: ['REF_FILE'] },
  'max-tokens': {
    type: 'number',
    blurb: 'tokens made at once',
    environment: ['MAX_TOKENS'],
    min: 20,
    max: 1000,
    default: 120,
  },
  'emotion-weight': {
    type: 'number',
    blurb: "how much of the recording's mood",
    min: 0,
    max: 1,
    default: 0.8,
  },
} as const;

type IndexAsk = Ask<typeof OPTIONS>;
/** Gradio 5 and later; 4 has no prefix. */
const PREFIX = 'gradio_api';

export default class IndexTts2Engine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'indextts2',
    longName: 'IndexTTS2',
    description: 'Speaks like a recording, mood included, by the web page of IndexTTS2',
    defaultVoice: 'reference',
    text: 'sentences',
    streaming: false,
    marks: [],
    repeatable: false,
    // A sentence comes whole, after the whole work on it.
    firstByteMs: 60_000,
    options: OPTIONS,
    remote: { protocol: 'HTTP, Gradio events, WAV file', cloning: 'sent', seen: 'fake' },
  } as const;

  readonly #uploads = new Prepared<string>();

  protected async call(ask: IndexAsk): Promise<Call> {
    const { settings, party } = ask;
    const { server } = settings;
    if (!isPath(ask.name)) {
      throw new TalkError(
        'resource/settings',
        'The voice indextts2 needs REF_FILE: the path of a recording to speak like.',
      );
    }
    const reference = await readReference(ask.name);
    const key = `${server} ${reference.version}`;
    const path = await this.#uploads.get(key, async () => {
      const fields = new FormData();
      fields.set('files', new Blob([reference.bytes]), reference.name);
      const call: Call = { url: below(server, `${PREFIX}/upload`), ...(await form(fields)) };
      const told = await this.http.json(call, party, ask.signal);
      if (Array.isArray(told) && typeof told[0] === 'string') return told[0];
      throw wrongType(party, 'no path of an upload', '');
    });
    try {
      return { url: await this.#made(ask, path, reference.name), method: 'GET' };
    } catch (error) {
      // It may have been started anew, and lost what was uploaded.
      this.#uploads.forget(key);
      throw error;
    }
  }

  override async close(): Promise<void> {
    this.#uploads.forget();
    await super.close();
  }

  /** Has a sentence made and gives the address of its file. */
  async #made({ text, settings, party, signal }: IndexAsk, path: string, name: string): Promise<URL> {
    const { server } = settings;
    const recording = { path, orig_name: name, meta: { _type: 'gradio.FileData' } };
    const mood = [0.5, 0, 0, 0, 0, 0, 0, 0];
    const tokens = settings['max-tokens'];
    const made = [true, 0.8, 30, 0.8, 0, 3, 10, 1500];
    const control = 'Same as the voice reference';
    const data = [
      control,
      recording,
      text,
      recording,
      settings['emotion-weight'],
      ...mood,
      '',
      false,
      tokens,
      ...made,
    ];
    const url = below(server, `${PREFIX}/call/gen_single`);
    const begun = (await this.http.json({ url, ...json({ data }) }, party, signal)) as {
      event_id?: unknown;
    } | null;
    if (typeof begun?.event_id !== 'string') throw wrongType(party, 'no event', JSON.stringify(begun));
    const told = await this.#complete(
      below(server, `${PREFIX}/call/gen_single/${encodeURIComponent(begun.event_id)}`),
      party,
      signal,
    );
    const file = fileOf(told);
    if (file === undefined) throw wrongType(party, 'no file', '');
    // Not the address it gives: behind a proxy that is one nobody reaches.
    return below(server, `${PREFIX}/file=${file.split('/').map(encodeURIComponent).join('/')}`);
  }

  async #complete(url: URL, party: Party, signal: AbortSignal): Promise<unknown> {
    const answer = await this.http.open({ url, method: 'GET' }, party, signal);
    try {
      for await (const { event, data } of events(answer.body)) {
        if (event === 'complete') return JSON.parse(data);
        if (event === 'error') {
          const said = quote(data === 'null' ? '' : data, party);
          throw new TalkError(
            'resource/failed',
            `${party.host} could not make what the voice indextts2 asked for.${said === '' ? '' : ` It says: "${said}"`}`,
            {
              details: { engine: party.engine, host: party.host },
            },
          );
        }
      }
    } finally {
      answer.close();
    }
    throw wrongType(party, 'events without an end', '');
  }
}

/** The path in `[{path}]`, or in the update of a component `[{value: {path}}]`. */
function fileOf(told: unknown): string | undefined {
  const first = (Array.isArray(told) ? told[0] : undefined) as
    | { path?: unknown; value?: { path?: unknown } }
    | undefined;
  const path = first?.path ?? first?.value?.path;
  return typeof path === 'string' ? path : undefined;
}
