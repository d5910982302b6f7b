/**
 * OpenAI's `POST /v1/audio/speech`: https://platform.openai.com/docs/api-reference/audio/createSpeech. Errors:
 * https://platform.openai.com/docs/guides/error-codes. Also `GET /v1/audio/voices` as Kokoro-FastAPI has it:
 * https://github.com/remsky/Kokoro-FastAPI#api
 */
import { type Asked, HttpFake, type Reply } from './http.js';
import { bytesOf, type Fake } from './service.js';

export class OpenAiSpeech extends HttpFake {
  override readonly secrets = ['sk-never-to-be-seen'];
  get environment(): Record<string, string> {
    return { OPENAI_TTS_SERVER: `${this.address}/v1`, OPENAI_API_KEY: this.secrets[0]! };
  }

  protected override speaks({ url }: Asked): boolean {
    return url.pathname.endsWith('/speech');
  }

  protected reply({ method, url, headers, body }: Asked): Reply {
    if (headers['authorization'] !== `Bearer ${this.secrets[0]}`) {
      return refusal(401, 'Incorrect API key provided.', 'invalid_api_key');
    }
    if (method === 'GET' && url.pathname === '/v1/audio/voices')
      return { json: { voices: ['af_bella', 'am_adam'] } };
    if (method !== 'POST' || url.pathname !== '/v1/audio/speech') return refusal(404, 'Not found.', null);
    const { model, input, voice, response_format: format } = JSON.parse(body.toString('utf8'));
    if (typeof model !== 'string' || typeof voice !== 'string' || typeof input !== 'string') {
      return refusal(400, 'Missing required parameter.', 'missing_required_parameter');
    }
    // 4,096 characters is the limit of the service.
    if (input.length > 4096) return refusal(400, 'Input too long.', 'string_above_max_length');
    if (format !== 'pcm') return refusal(400, `Unsupported format ${format}`, null);
    return { text: input, type: 'audio/pcm', sound: bytesOf(this.sound(input)) };
  }
}

function refusal(status: number, message: string, code: string | null): Reply {
  return { status, json: { error: { message, type: 'invalid_request_error', param: null, code } } };
}

export default { engine: 'openai', open: () => new OpenAiSpeech().listen() } satisfies Fake;
