/**
 * vLLM-Omni's `POST /v1/audio/speech`: Qwen3-TTS, Fish Speech S2, CosyVoice3, Voxtral and others.
 *
 * https://docs.vllm.ai/projects/vllm-omni/en/stable/serving/speech_api/. Asked as LiveTalking's OmniTTS does. With a recording
 * (`ref-file` that is a path) it is the task `Base`, which speaks like it; with a name the task `CustomVoice`.
 */

import type { Call } from '../../service/http.js';
import { type Ask, below } from '../remote/engine.js';
import { bearer, HttpEngine, json } from '../remote/http-engine.js';
import { isPath, readReference } from '../remote/reference.js';
import type { PcmFormat } from '../stream/index.js';

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address of vLLM-Omni, as http://127.0.0.1:8091',
    environment: ['OMNI_SERVER', 'TTS_SERVER'],
    needed: true,
  },
  key: { type: 'secret', blurb: 'the key of the server, if it wants one', environment: ['OMNI_API_KEY'] },
  model: { type: 'string', blurb: 'the model, where the server has several' },
  'ref-file': {
    type: 'file',
    blurb: 'name of the voice, or a recording to speak like',
    environment: ['REF_FILE'],
  },
  'ref-text': { type: 'string', blurb: 'what is said in the recording', environment: ['REF_TEXT'] },
  language: {
    type: 'string',
    blurb: 'Auto, Chinese, English, …',
    environment: ['OMNI_TTS_LANGUAGE'],
    default: 'Auto',
  },
  'task-type': {
    type: 'string',
    blurb: 'CustomVoice, VoiceDesign or Base; follows from ref-file',
    environment: ['OMNI_TTS_TASK_TYPE'],
  },
  instructions: {
    type: 'string',
    blurb: 'how it should speak, in words',
    environment: ['OMNI_TTS_INSTRUCTIONS'],
  },
  speed: {
    type: 'number',
    blurb: 'speed, 1 as usual',
    environment: ['OMNI_TTS_SPEED'],
    min: 0.25,
    max: 4,
    default: 1,
  },
  'sample-rate': {
    type: 'number',
    blurb: 'rate of its samples: 24000, 44100 for S2-Pro, 16000 for Voxtral',
    environment: ['OMNI_TTS_SRC_SR'],
    min: 8000,
    max: 48000,
    default: 24000,
  },
} as const;

type OmniAsk = Ask<typeof OPTIONS>;

export default class OmniEngine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'omni',
    longName: 'vLLM-Omni',
    description: 'Qwen3-TTS and other models behind vLLM-Omni',
    defaultVoice: 'vivian',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'HTTP POST /v1/audio/speech, PCM', cloning: 'sent', seen: 'fake' },
  } as const;

  protected async call({ text, name, settings }: OmniAsk): Promise<Call> {
    const { server, key, model, language, speed, instructions } = settings;
    const reference = isPath(name) ? await readReference(name) : undefined;
    const task = settings['task-type'] ?? (reference === undefined ? 'CustomVoice' : 'Base');
    const voice =
      reference === undefined
        ? { voice: name }
        : {
            ref_audio: `data:audio/wav;base64,${reference.bytes.toString('base64')}`,
            ...(settings['ref-text'] !== undefined && { ref_text: settings['ref-text'] }),
          };
    const body = json({
      input: text,
      ...voice,
      response_format: 'pcm',
      speed,
      language,
      task_type: task,
      stream: true,
      ...(model !== undefined && { model }),
      ...(instructions !== undefined && { instructions }),
    });
    // LiveTalking's address has no /v1; an address that has is not doubled.
    const path = server.pathname.endsWith('/v1') ? 'audio/speech' : 'v1/audio/speech';
    return { url: below(server, path), ...body, headers: { ...body.headers, ...bearer(key) } };
  }

  protected override bare({ settings }: OmniAsk): PcmFormat {
    return { encoding: 's16', rate: settings['sample-rate'], channels: 1 };
  }
}
