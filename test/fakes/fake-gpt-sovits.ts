/**
 * GPT-SoVITS' `POST /tts`: https://github.com/RVC-Boss/GPT-SoVITS/blob/main/api_v2.py. Every stretch of speech is an Ogg Vorbis file
 * of its own, and they come back to back.
 */
import { encode } from '../support/encoded.js';
import { type Asked, HttpFake, type Reply } from './http.js';
import type { Fake } from './service.js';

/** Samples of one file. */
const STRETCH = 8000;
/** Texts whose files are kept: they are asked for again at once or never. */
const KEPT = 8;

export class GptSovits extends HttpFake {
  override readonly rate = 32000;
  override readonly lossless = false;

  get environment(): Record<string, string> {
    return { TTS_SERVER: this.address, REF_FILE: '/there/voice.wav', REF_TEXT: '参考音频' };
  }

  protected async reply({ method, url, body }: Asked): Promise<Reply> {
    if (method !== 'POST' || url.pathname !== '/tts') return { status: 404, json: { detail: 'Not Found' } };
    const { text, text_lang, ref_audio_path, prompt_lang, media_type, streaming_mode } = JSON.parse(
      body.toString('utf8'),
    );
    const languages = /^(auto|auto_yue|en|zh|ja|yue|ko|all_zh|all_ja|all_yue|all_ko)$/;
    if (!ref_audio_path) return failed('ref_audio_path is required');
    if (!languages.test(text_lang) || !languages.test(prompt_lang))
      return failed(`text_lang: ${text_lang} is not supported`);
    if (media_type !== 'ogg' || streaming_mode !== true)
      return failed(`media_type: ${media_type} is not supported`);
    let sound = made.get(text);
    if (sound === undefined) {
      sound = chain(this.sound(text), this.rate);
      made.set(text, sound);
      for (const old of [...made.keys()].slice(0, -KEPT)) made.delete(old);
    }
    return { text, type: 'audio/ogg', sound: await sound };
  }
}

const made = new Map<string, Promise<Buffer>>();

async function chain(sound: Int16Array, rate: number): Promise<Buffer> {
  const files: Buffer[] = [];
  for (let at = 0; at < sound.length; at += STRETCH) {
    files.push(await encode(sound.slice(at, at + STRETCH), rate, 'vorbisenc ! oggmux'));
  }
  return Buffer.concat(files);
}

function failed(message: string): Reply {
  return { status: 400, json: { message } };
}

export default { engine: 'gpt-sovits', open: () => new GptSovits().listen() } satisfies Fake;
