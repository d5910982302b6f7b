/**
 * Any server of OpenAI's `POST /v1/audio/transcriptions`: OpenAI's own, faster-whisper-server (speaches), vLLM, LocalAI, whisper.cpp.
 * https://platform.openai.com/docs/api-reference/audio/createTranscription
 *
 * The turn goes out as one WAV file when it is over. Settings: `url` (base address, `/audio/transcriptions` is added), `model`,
 * `language`, `hotwords` (sent as prompt). A key goes to the server it was given for: `ASR_API_KEY` to the one of `url` or
 * `ASR_BASE_URL`, `OPENAI_API_KEY` to OpenAI alone.
 */
import { z } from 'zod';
import { TalkError } from '../../../element/error.js';
import { bearer, form } from '../../../service/body.js';
import { HttpClient } from '../../../service/http.js';
import { answered, type Party, wrongType } from '../../../service/refusal.js';
import { EAR_RATE } from '../detector.js';
import {
  type RecogniseRequest,
  Recogniser,
  type RecogniserInfo,
  type RecogniserSettings,
} from '../recogniser.js';
import { waveFile } from '../wave.js';

const OPENAI = 'https://api.openai.com/v1';
const MODEL = 'whisper-1';
/** Sound shorter than this holds no word, and OpenAI refuses it: samples of 100 ms. */
const LEAST = EAR_RATE / 10;

const Answer = z.object({ text: z.string() });

interface Server {
  readonly url: string;
  readonly key: string | undefined;
}

export default class OpenAiRecogniser extends Recogniser {
  readonly info: RecogniserInfo = {
    name: 'openai',
    longName: 'OpenAI transcriptions',
    description: 'Any server of /v1/audio/transcriptions: OpenAI, speaches, vLLM, LocalAI, whisper.cpp',
    streaming: false,
    environment: ['ASR_BASE_URL', 'ASR_API_KEY', 'ASR_MODEL', 'OPENAI_API_KEY'],
  };

  readonly #http = new HttpClient();

  override check(settings: RecogniserSettings): Promise<void> {
    serverOf(settings);
    // What Node makes forms with is loaded with the first one: 30 ms in which nothing else happens.
    return form(new FormData()).then(() => undefined);
  }

  override expect(settings: RecogniserSettings): void {
    this.#http.expect(new URL(serverOf(settings).url));
  }

  async recognise({ sound, settings, signal }: RecogniseRequest): Promise<string> {
    const pieces: Int16Array[] = [];
    for await (const piece of sound) {
      if (signal.aborted) return '';
      pieces.push(piece);
    }
    const samples = joined(pieces);
    if (samples.length < LEAST) return '';
    const { url, key } = serverOf(settings);
    const fields = new FormData();
    fields.set('file', new Blob([waveFile(samples, EAR_RATE)], { type: 'audio/wav' }), 'turn.wav');
    fields.set('model', settings.model || process.env['ASR_MODEL'] || MODEL);
    fields.set('response_format', 'json');
    if (settings.language) fields.set('language', settings.language.split('-')[0] ?? '');
    if (settings.hotwords) fields.set('prompt', settings.hotwords);
    const { headers, body } = await form(fields);
    const call = {
      url: new URL(`${url}/audio/transcriptions`),
      headers: { ...headers, ...bearer(key) },
      body,
    };
    const party = partyOf(url, key);
    const said = Answer.safeParse(await this.#http.json(call, party, signal));
    if (said.success) return said.data.text.trim();
    throw wrongType(party, 'another JSON', '');
  }

  override async close(): Promise<void> {
    this.#http.close();
  }
}

function partyOf(url: string, key: string | undefined): Party {
  const { host } = new URL(url);
  const party: Party = {
    what: 'the recogniser',
    host,
    hide: key === undefined ? [] : [key],
    keys: ['ASR_API_KEY', ...(url === OPENAI ? ['OPENAI_API_KEY'] : [])],
    expects: 'a transcription',
    // What was said is not for logs: neither the text nor an excerpt of it.
    discreet: true,
    explain: (status, body) =>
      status === 404
        ? new TalkError(
            'resource/not-found',
            `There is no such model or no transcription at ${host} (HTTP 404).`,
            {
              debug: answered(status, body, party),
              details: { host, status },
            },
          )
        : undefined,
  };
  return party;
}

/** @throws TalkError resource/settings */
function serverOf(settings: RecogniserSettings): Server {
  const set = settings.url || process.env['ASR_BASE_URL'] || '';
  const key = process.env['ASR_API_KEY'] || undefined;
  if (set === '') {
    const openai = process.env['OPENAI_API_KEY'] || key;
    if (openai !== undefined) return { url: OPENAI, key: openai };
    throw new TalkError(
      'resource/settings',
      'Expected the address of a server of /v1/audio/transcriptions as url or ASR_BASE_URL, or OPENAI_API_KEY for OpenAI’s.',
    );
  }
  if (!/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(set) || !URL.canParse(set)) {
    throw new TalkError(
      'resource/settings',
      'Expected an address like http://127.0.0.1:8000/v1 as url of the recogniser.',
    );
  }
  const url = set.replace(/\/+$/, '');
  return { url, key: key ?? (url === OPENAI ? process.env['OPENAI_API_KEY'] : undefined) };
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
