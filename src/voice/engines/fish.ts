/**
 * Fish Speech's `POST /v1/tts`: https://github.com/fishaudio/fish-speech/blob/main/tools/server/api_utils.py and
 * https://docs.fish.audio/api-reference/endpoint/openapi-v1/text-to-speech
 *
 * A server of your own, or api.fish.audio with a key. The voice is the id of a reference there. Streamed WAV whose header has no size.
 */

import type { Call } from '../../service/http.js';
import { type Ask, below } from '../remote/engine.js';
import { bearer, HttpEngine, json } from '../remote/http-engine.js';

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address of its API server, as http://127.0.0.1:8080',
    environment: ['FISH_SERVER', 'TTS_SERVER'],
    needed: true,
  },
  key: { type: 'secret', blurb: 'the key, where it wants one', environment: ['FISH_API_KEY'] },
  model: { type: 'string', blurb: 'the model of api.fish.audio, as s1' },
  'ref-file': { type: 'string', blurb: 'id of a reference on the service', environment: ['REF_FILE'] },
} as const;

type FishAsk = Ask<typeof OPTIONS>;

export default class FishEngine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'fish',
    longName: 'Fish Speech',
    description: 'Speaks like a reference, by a Fish Speech server or api.fish.audio',
    defaultVoice: 'any',
    text: 'sentences',
    streaming: true,
    marks: [],
    repeatable: false,
    options: OPTIONS,
    remote: { protocol: 'HTTP POST /v1/tts, WAV', cloning: 'on the service', seen: 'fake' },
  } as const;

  protected call({ text, name, settings }: FishAsk): Call {
    const { server, key, model } = settings;
    const body = json({
      text,
      ...(name !== this.info.defaultVoice && { reference_id: name }),
      format: 'wav',
      streaming: true,
      use_memory_cache: 'on',
    });
    const headers = { ...body.headers, ...bearer(key), ...(model !== undefined && { model }) };
    return { url: below(server, 'v1/tts'), ...body, headers };
  }
}
