/**
 * GPT-SoVITS' `POST /tts` (api_v2.py): https://github.com/RVC-Boss/GPT-SoVITS/blob/main/api_v2.py
 *
 * The reference is a path on the service's machine. Ogg comes as one small file after the other; the languages follow the letters of
 * the texts unless they are set. What it says when it cannot speak is JSON: `{"message": …, "Exception": …}`, status 400.
 */

import type { Call } from '../../service/http.js';
import { type Ask, below } from '../remote/engine.js';
import { HttpEngine, json } from '../remote/http-engine.js';
import { languageOf } from '../remote/language.js';
import type { PcmFormat } from '../stream/index.js';

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address of its api_v2.py, as http://127.0.0.1:9880',
    environment: ['GPT_SOVITS_SERVER', 'TTS_SERVER'],
    needed: true,
  },
  'ref-file': {
    type: 'string',
    blurb: 'the recording to speak like, a path there',
    environment: ['REF_FILE'],
  },
  'ref-text': { type: 'string', blurb: 'what is said in the recording', environment: ['REF_TEXT'] },
  language: { type: 'string', blurb: 'zh, en, ja, ko, yue, auto; by its letters where it is not set' },
  'ref-language': { type: 'string', blurb: 'the same of the recording' },
  speed: { type: 'number', blurb: 'speed, 1 as usual', min: 0.25, max: 4 },
  format: { type: 'string', blurb: 'what to ask for: ogg, wav, raw', default: 'ogg' },
  'sample-rate': { type: 'number', blurb: 'rate of raw samples', min: 8000, max: 48000, default: 32000 },
} as const;

type SovitsAsk = Ask<typeof OPTIONS>;

export default class GptSovitsEngine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'gpt-sovits',
    longName: 'GPT-SoVITS',
    description: 'Speaks like a recording, by a GPT-SoVITS server of your own',
    defaultVoice: 'reference',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'HTTP POST /tts, Ogg', cloning: 'on the service', seen: 'fake' },
  } as const;

  protected call({ text, name, settings }: SovitsAsk): Call {
    const { server, language, speed, format } = settings;
    const spoken = settings['ref-text'] ?? '';
    const body = json({
      text,
      text_lang: language ?? known(languageOf(text)),
      ref_audio_path: name === this.info.defaultVoice ? '' : name,
      prompt_text: spoken,
      prompt_lang: settings['ref-language'] ?? known(languageOf(spoken || text)),
      media_type: format,
      streaming_mode: true,
      ...(speed !== undefined && { speed_factor: speed }),
    });
    return { url: below(server, 'tts'), ...body };
  }

  protected override bare({ settings }: SovitsAsk): PcmFormat | undefined {
    if (settings.format !== 'raw') return undefined;
    return { encoding: 's16', rate: settings['sample-rate'], channels: 1 };
  }
}

/** Other languages it finds by itself, as well as it can. */
function known(language: string): string {
  return /^(zh|en|ja|ko)$/.test(language) ? language : 'auto';
}
