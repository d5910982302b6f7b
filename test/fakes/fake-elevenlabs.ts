/**
 * ElevenLabs' stream with times: https://elevenlabs.io/docs/api-reference/text-to-speech/stream-with-timestamps; what it says no with:
 * https://elevenlabs.io/docs/api-reference/errors
 */
import { type Asked, HttpFake, type Reply } from './http.js';
import { bytesOf, type Fake, type Fault } from './service.js';

/** Samples in one object. */
const PIECE = 1201;

export class ElevenLabs extends HttpFake {
  override readonly secrets = ['sk-never-to-be-seen'];
  // A byte too many would not be JSON.
  override readonly faults = new Set<Fault>(
    '401 403 404 429 503 reset silent stall torn page'.split(' ') as Fault[],
  );

  get environment(): Record<string, string> {
    return { ELEVENLABS_SERVER: this.address, ELEVENLABS_API_KEY: this.secrets[0]! };
  }

  protected override speaks({ url }: Asked): boolean {
    return url.pathname.startsWith('/v1/text-to-speech/');
  }

  protected reply({ url, headers, body }: Asked): Reply {
    if (headers['xi-api-key'] !== this.secrets[0]) return refusal(401, 'invalid_api_key', 'Invalid API key');
    if (url.pathname === '/v1/voices') {
      return {
        json: {
          voices: [
            {
              voice_id: '21m00Tcm4TlvDq8ikWAM',
              name: 'Rachel',
              labels: { gender: 'female', language: 'en' },
            },
          ],
        },
      };
    }
    const voice = /^\/v1\/text-to-speech\/([^/]+)\/stream\/with-timestamps$/.exec(url.pathname)?.[1];
    if (voice === 'used-up') return refusal(401, 'quota_exceeded', 'This request exceeds your quota.');
    if (voice !== '21m00Tcm4TlvDq8ikWAM')
      return refusal(404, 'voice_not_found', 'A voice for the voice_id was not found.');
    if (url.searchParams.get('output_format') !== 'pcm_24000')
      return refusal(400, 'invalid_output_format', 'Bad format');
    const { text, model_id } = JSON.parse(body.toString('utf8'));
    if (typeof model_id !== 'string') return refusal(400, 'model_not_found', 'No model');
    return { text, type: 'application/json', sound: Buffer.from(this.#pieces(text)) };
  }

  #pieces(text: string): string {
    const sound = this.sound(text);
    const letters = [...text];
    const each = sound.length / this.rate / letters.length;
    let told = 0;
    const pieces: string[] = [];
    for (let at = 0; at < sound.length; at += PIECE) {
      const part = sound.subarray(at, at + PIECE);
      const until = Math.round((letters.length * (at + part.length)) / sound.length);
      const places = Array.from({ length: until - told }, (_, n) => told + n);
      const alignment = {
        characters: letters.slice(told, until),
        character_start_times_seconds: places.map((n) => n * each),
        character_end_times_seconds: places.map((n) => (n + 1) * each),
      };
      told = until;
      const audio_base64 = bytesOf(part).toString('base64');
      pieces.push(`${JSON.stringify({ audio_base64, alignment, normalized_alignment: alignment })}\n\n`);
    }
    return pieces.join('');
  }
}

function refusal(status: number, code: string, message: string): Reply {
  return { status, json: { detail: { status: code, message } } };
}

export default { engine: 'elevenlabs', open: () => new ElevenLabs().listen() } satisfies Fake;
