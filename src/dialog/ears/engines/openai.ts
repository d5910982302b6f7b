/**
 * Any server of OpenAI's `POST /v1/audio/transcriptions`: OpenAI's own, faster-whisper-server (speaches), vLLM, LocalAI, whisper.cpp.
 * https://platform.openai.com/docs/api-reference/audio/createTranscription
 *
 * The turn goes out as one WAV file when it is over. Settings: `url` (base address, `/audio/transcriptions` is added), `model`,
 * `language`, `hotwords` (sent as prompt). A key goes to the server it was given for: `ASR_API_KEY` to the one of `url` or
 * `ASR_BASE_URL`, `OPENAI_API_KEY` to OpenAI alone.
 */
import { z } from 'zod';
import { type ErrorCode, TalkError, toTalkError } from '../../../element/error.js';
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

  override check(settings: RecogniserSettings): void {
    serverOf(settings);
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
    const form = new FormData();
    form.set('file', new Blob([waveFile(samples, EAR_RATE)], { type: 'audio/wav' }), 'turn.wav');
    form.set('model', settings.model || process.env['ASR_MODEL'] || MODEL);
    form.set('response_format', 'json');
    if (settings.language) form.set('language', settings.language.split('-')[0] ?? '');
    if (settings.hotwords) form.set('prompt', settings.hotwords);
    const at = new URL(url).host;
    const response = await fetch(`${url}/audio/transcriptions`, {
      method: 'POST',
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      body: form,
      // A key is for one host, not for where that sends us.
      redirect: 'manual',
      signal,
    }).catch((cause: unknown) => {
      throw unreachable(at, cause);
    });
    if (!response.ok) throw refused(at, response);
    const text = await response.text().catch((cause: unknown) => {
      throw unreachable(at, cause);
    });
    return read(at, text);
  }
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

function read(at: string, text: string): string {
  try {
    return Answer.parse(JSON.parse(text)).text.trim();
  } catch {
    // What was said is not for logs: neither the text nor the parser's excerpt of it.
    throw new TalkError('stream/format', `The recogniser at ${at} answered with what is no transcription.`);
  }
}

function unreachable(at: string, cause: unknown): TalkError {
  const code = (cause as { cause?: { code?: string } }).cause?.code;
  return new TalkError(
    'resource/unreachable',
    `The recogniser at ${at} cannot be reached${code === undefined ? '' : ` (${code})`}.`,
    { retryable: true, debug: toTalkError(cause).message },
  );
}

function refused(at: string, { status }: Response): TalkError {
  const made = (code: ErrorCode, sentence: string, retryable = false) =>
    new TalkError(code, sentence, { retryable, details: { status } });
  if (status === 401 || status === 403) {
    return made('resource/not-authorized', `The key is not accepted by ${at} (HTTP ${status}).`);
  }
  if (status === 404)
    return made('resource/not-found', `There is no such model or no transcription at ${at} (HTTP 404).`);
  if (status === 429) return made('resource/rate', `The recogniser at ${at} is asked too often.`, true);
  if (status >= 500 || status === 408) {
    return made('resource/unreachable', `The recogniser at ${at} is in trouble (HTTP ${status}).`, true);
  }
  return made('resource/failed', `The recogniser at ${at} refused the sound (HTTP ${status}).`);
}
