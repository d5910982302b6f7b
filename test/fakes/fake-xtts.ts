/** Coqui's xtts-streaming-server: https://github.com/coqui-ai/xtts-streaming-server/blob/main/server/main.py */
import { type Asked, HttpFake, type Reply } from './http.js';
import { bytesOf, type Fake, wav } from './service.js';

const SPEAKER = { gpt_cond_latent: [[0.25, -0.5]], speaker_embedding: [1, 2, 3] };

export class Xtts extends HttpFake {
  /** Recordings that were made speakers. */
  cloned = 0;

  get environment(): Record<string, string> {
    return { XTTS_SERVER: this.address, REF_FILE: this.reference };
  }

  protected override speaks({ url }: Asked): boolean {
    return url.pathname === '/tts_stream';
  }

  protected async reply(asked: Asked): Promise<Reply> {
    const path = asked.url.pathname;
    if (path === '/studio_speakers') return { json: { 'Claribel Dervla': SPEAKER } };
    if (path === '/clone_speaker') {
      const file = (await this.form(asked)).get('wav_file');
      if (!(file instanceof File) || file.size === 0)
        return { status: 422, json: { detail: [{ msg: 'Field required' }] } };
      this.cloned++;
      return { json: SPEAKER };
    }
    if (path !== '/tts_stream') return { status: 404, json: { detail: 'Not Found' } };
    const {
      text,
      language,
      speaker_embedding,
      gpt_cond_latent,
      add_wav_header = true,
    } = JSON.parse(asked.body.toString('utf8'));
    const languages = 'en es fr de it pt pl tr ru nl cs ar zh-cn ja ko hu hi'.split(' ');
    if (
      !Array.isArray(speaker_embedding) ||
      !Array.isArray(gpt_cond_latent) ||
      !languages.includes(language)
    ) {
      return { status: 422, json: { detail: [{ msg: 'Input should be a valid list' }] } };
    }
    const sound = bytesOf(this.sound(text));
    return { text, type: 'audio/wav', sound: add_wav_header ? wav(sound, this.rate, 0) : sound };
  }
}

export default { engine: 'xtts', open: () => new Xtts().listen() } satisfies Fake;
