/** vLLM-Omni's `POST /v1/audio/speech`: https://docs.vllm.ai/projects/vllm-omni/en/stable/serving/speech_api/ */
import { type Asked, HttpFake, type Reply } from './http.js';
import { bytesOf, type Fake } from './service.js';

export class Omni extends HttpFake {
  override readonly secrets = ['sk-never-to-be-seen'];
  override readonly rate = 44100;

  get environment(): Record<string, string> {
    return { OMNI_SERVER: this.address, OMNI_TTS_SRC_SR: String(this.rate), OMNI_API_KEY: this.secrets[0]! };
  }

  protected reply({ method, url, body }: Asked): Reply {
    if (method !== 'POST' || url.pathname !== '/v1/audio/speech')
      return { status: 404, json: { detail: 'Not Found' } };
    const asked = JSON.parse(body.toString('utf8'));
    const cloned = asked.task_type === 'Base';
    const known = cloned ? /^data:audio\/wav;base64,/.test(asked.ref_audio) : asked.voice === 'vivian';
    if (
      !known ||
      asked.response_format !== 'pcm' ||
      asked.stream !== true ||
      typeof asked.language !== 'string'
    ) {
      return {
        status: 400,
        json: { error: { message: 'Invalid speaker.', type: 'BadRequestError', code: 400 } },
      };
    }
    return { text: asked.input, type: 'audio/pcm', sound: bytesOf(this.sound(asked.input)) };
  }
}

export default { engine: 'omni', open: () => new Omni().listen() } satisfies Fake;
