/** Fish Speech's `POST /v1/tts`: https://docs.fish.audio/api-reference/endpoint/openapi-v1/text-to-speech; a streamed WAV has no size. */
import { type Asked, HttpFake, type Reply } from './http.js';
import { bytesOf, type Fake, wav } from './service.js';

export class Fish extends HttpFake {
  override readonly secrets = ['sk-never-to-be-seen'];
  override readonly rate = 44100;

  get environment(): Record<string, string> {
    return { FISH_SERVER: this.address, FISH_API_KEY: this.secrets[0]! };
  }

  protected reply({ method, url, headers, body }: Asked): Reply {
    if (method !== 'POST' || url.pathname !== '/v1/tts')
      return { status: 404, json: { message: 'Not Found' } };
    if (headers['authorization'] !== `Bearer ${this.secrets[0]}`)
      return { status: 401, json: { status: 401, message: 'Invalid token' } };
    const { text, format, streaming, use_memory_cache } = JSON.parse(body.toString('utf8'));
    if (format !== 'wav' || streaming !== true || !/^(on|off)$/.test(use_memory_cache)) {
      return { status: 400, json: { message: 'Streaming only supports WAV format' } };
    }
    return { text, type: 'audio/wav', sound: wav(bytesOf(this.sound(text)), this.rate, 0) };
  }
}

export default { engine: 'fish', open: () => new Fish().listen() } satisfies Fake;
