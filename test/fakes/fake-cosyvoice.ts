/** CosyVoice's FastAPI server: https://github.com/FunAudioLLM/CosyVoice/blob/main/runtime/python/fastapi/server.py */
import { type Asked, HttpFake, type Reply } from './http.js';
import { bytesOf, type Fake } from './service.js';

export class CosyVoice extends HttpFake {
  get environment(): Record<string, string> {
    return { COSYVOICE_SERVER: this.address, REF_FILE: this.reference, REF_TEXT: 'a recording' };
  }

  protected async reply(asked: Asked): Promise<Reply> {
    const needs: Record<string, string[]> = {
      '/inference_zero_shot': ['tts_text', 'prompt_text', 'prompt_wav'],
      '/inference_cross_lingual': ['tts_text', 'prompt_wav'],
      '/inference_sft': ['tts_text', 'spk_id'],
    };
    const names = needs[asked.url.pathname];
    if (names === undefined) return { status: 404, json: { detail: 'Not Found' } };
    const fields = await this.form(asked);
    const missing = names.filter((name) => !fields.has(name));
    if (missing.length > 0) {
      const detail = missing.map((name) => ({
        type: 'missing',
        loc: ['body', name],
        msg: 'Field required',
        input: null,
      }));
      return { status: 422, json: { detail } };
    }
    const text = String(fields.get('tts_text'));
    // A StreamingResponse has no type unless it is given one.
    return { text, type: '', sound: bytesOf(this.sound(text)) };
  }
}

export default { engine: 'cosyvoice', open: () => new CosyVoice().listen() } satisfies Fake;
