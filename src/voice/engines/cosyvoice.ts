/**
 * CosyVoice's FastAPI server: https://github.com/FunAudioLLM/CosyVoice/blob/main/runtime/python/fastapi/server.py
 *
 * Forms in, bare 16-bit samples out. LiveTalking sends them with GET, which the oldest servers alone know; `method` changes it.
 * With a recording and its text `inference_zero_shot`, with a recording alone `inference_cross_lingual`, with the name of a speaker
 * of the model `inference_sft`.
 */
import { TalkError } from '../../element/error.js';
import type { Call } from '../../service/http.js';
import { type Ask, below } from '../remote/engine.js';
import { form, HttpEngine } from '../remote/http-engine.js';
import { isPath, readReference } from '../remote/reference.js';
import type { PcmFormat } from '../stream/index.js';

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address of its FastAPI server, as http://127.0.0.1:50000',
    environment: ['COSYVOICE_SERVER', 'TTS_SERVER'],
    needed: true,
  },
  'ref-file': {
    type: 'file',
    blurb: 'a recording to speak like, or a speaker of the model',
    environment: ['REF_FILE'],
  },
  'ref-text': { type: 'string', blurb: 'what is said in the recording', environment: ['REF_TEXT'] },
  method: { type: 'string', blurb: 'GET or POST', default: 'GET' },
  'sample-rate': {
    type: 'number',
    blurb: 'rate of its samples: 24000, 22050 for the first CosyVoice',
    min: 8000,
    max: 48000,
    default: 24000,
  },
} as const;

type CosyAsk = Ask<typeof OPTIONS>;

export default class CosyVoiceEngine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'cosyvoice',
    longName: 'CosyVoice',
    description: 'Speaks like a recording, by a CosyVoice server of your own',
    defaultVoice: 'reference',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'HTTP GET /inference_zero_shot, PCM', cloning: 'sent', seen: 'fake' },
  } as const;

  protected async call({ text, name, settings }: CosyAsk): Promise<Call> {
    const { server } = settings;
    const method = settings.method.toUpperCase() === 'POST' ? 'POST' : 'GET';
    const fields = new FormData();
    fields.set('tts_text', text);
    if (!isPath(name)) {
      if (name === this.info.defaultVoice) {
        throw new TalkError(
          'resource/settings',
          'The voice cosyvoice needs REF_FILE: a recording to speak like.',
        );
      }
      fields.set('spk_id', name);
      return { url: below(server, 'inference_sft'), method, ...(await form(fields)) };
    }
    const { bytes, name: file } = await readReference(name);
    const spoken = settings['ref-text'];
    if (spoken !== undefined) fields.set('prompt_text', spoken);
    fields.set('prompt_wav', new Blob([bytes]), file);
    const path = spoken === undefined ? 'inference_cross_lingual' : 'inference_zero_shot';
    return { url: below(server, path), method, ...(await form(fields)) };
  }

  protected override bare({ settings }: CosyAsk): PcmFormat {
    return { encoding: 's16', rate: settings['sample-rate'], channels: 1 };
  }
}
