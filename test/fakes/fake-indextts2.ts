/**
 * The page of IndexTTS2 behind Gradio's interface for programs: https://www.gradio.app/guides/querying-gradio-apps-with-curl, its inputs
 * as in https://github.com/index-tts/index-tts/blob/main/webui.py
 */
import { type Asked, HttpFake, type Reply } from './http.js';
import { bytesOf, type Fake, wav } from './service.js';

export class IndexTts2 extends HttpFake {
  override readonly rate = 22050;
  /** Recordings that were uploaded. */
  uploads = 0;
  /** Says no in the middle, as Gradio does. */
  broken = false;
  readonly #texts: string[] = [];

  get environment(): Record<string, string> {
    return { INDEXTTS2_SERVER: this.address, REF_FILE: this.reference };
  }

  protected override speaks({ url }: Asked): boolean {
    return url.pathname.startsWith('/gradio_api/file=');
  }

  protected async reply(asked: Asked): Promise<Reply> {
    const path = decodeURIComponent(asked.url.pathname);
    if (path === '/gradio_api/upload') {
      const file = (await this.form(asked)).get('files');
      if (!(file instanceof File)) return { status: 422, json: { detail: 'no file' } };
      this.uploads++;
      return { json: [`/tmp/gradio/up ${this.uploads}/${file.name}`] };
    }
    if (path === '/gradio_api/call/gen_single') return this.#begin(asked);
    const event = /^\/gradio_api\/call\/gen_single\/(\d+)$/.exec(path)?.[1];
    if (event !== undefined) {
      if (this.broken) return { events: ['event: error\ndata: "CUDA out of memory"\n\n'] };
      const file = {
        path: `/tmp/gradio/out #${event}.wav`,
        url: 'http://unreachable.invalid/',
        meta: { _type: 'gradio.FileData' },
      };
      const data = JSON.stringify([{ visible: true, value: file, __type__: 'update' }]);
      return {
        events: [
          'event: heartbeat\ndata: null\n\n',
          'event: generating\r\ndata: []\r\n\r\n',
          `event: complete\ndata: ${data}\n\n`,
        ],
      };
    }
    const made = /^\/gradio_api\/file=\/tmp\/gradio\/out #(\d+)\.wav$/.exec(path)?.[1];
    const text = this.#texts[Number(made)];
    if (text === undefined) return { status: 404, json: { detail: 'File not found' } };
    return { text, type: 'audio/wav', sound: wav(bytesOf(this.sound(text)), this.rate) };
  }

  #begin({ body }: Asked): Reply {
    const { data } = JSON.parse(body.toString('utf8'));
    // 24 inputs: how the mood is meant, recording, text, mood, eight moods, a text of the mood, chance, tokens, eight of the model.
    const kinds = 'sossn nnnnnnnn sbn bnnnnnnn'.replaceAll(' ', '');
    const right = Array.isArray(data) && data.length === kinds.length;
    if (
      !right ||
      data[1]?.meta?._type !== 'gradio.FileData' ||
      typeof data[2] !== 'string' ||
      typeof data[15] !== 'number'
    ) {
      return { status: 422, json: { detail: `needed ${kinds.length} values` } };
    }
    this.#texts.push(data[2]);
    return { json: { event_id: String(this.#texts.length - 1) } };
  }
}

export default { engine: 'indextts2', open: () => new IndexTts2().listen() } satisfies Fake;
