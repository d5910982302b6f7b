/**
 * Qwen TTS realtime on Alibaba Cloud: https://help.aliyun.com/zh/model-studio/qwen-tts-realtime-client-events,
 * https://help.aliyun.com/zh/model-studio/qwen-tts-realtime-server-events; at the door:
 * https://help.aliyun.com/zh/model-studio/interactive-process-of-qwen-tts-realtime-synthesis
 */
import type { WebSocket } from 'ws';
import type { Asked } from './http.js';
import { bytesOf, type Fake } from './service.js';
import { type Refusal, SocketFake, type Spoken } from './socket.js';

/** Bytes in one delta: no whole number of samples. */
const PART = 1451;
const LANGUAGES =
  'Auto Chinese English German Italian Portuguese Spanish Japanese Korean French Russian'.split(' ');

interface Told {
  readonly event_id?: string;
  readonly type?: string;
  readonly text?: string;
  readonly session?: Readonly<Record<string, unknown>>;
}

export class Qwen extends SocketFake {
  override readonly secrets = ['sk-qwen-never-to-be-seen'];
  /** Sessions as they were set. */
  readonly sessions: Readonly<Record<string, unknown>>[] = [];
  /** Answers every committed text with an error of this code. */
  refusesWith: string | undefined;
  /** The status at the end of every answer. */
  status = 'completed';

  get environment(): Record<string, string> {
    return {
      QWEN_TTS_SERVER: `${this.socketAddress}/api-ws/v1/realtime`,
      DASHSCOPE_API_KEY: this.secrets[0]!,
    };
  }

  protected refuses({ url, headers }: Asked): Refusal | undefined {
    if (url.pathname !== '/api-ws/v1/realtime') return { status: 404 };
    if (headers['authorization'] !== `Bearer ${this.secrets[0]}`) {
      return {
        status: 401,
        body: JSON.stringify({ code: 'InvalidApiKey', message: 'Invalid API-key provided.' }),
      };
    }
    if (/^qwen\S*-tts\S*-realtime/.test(url.searchParams.get('model') ?? '')) return undefined;
    return { status: 400, body: JSON.stringify({ code: 'ModelNotFound', message: 'Model not exist.' }) };
  }

  protected talk(
    socket: WebSocket,
    { url }: Asked,
    say: (spoken: Spoken | Promise<Spoken>) => Promise<void>,
  ): void {
    const tell = (type: string, rest: object = {}): void => socket.send(event(type, rest));
    const fail = (code: string, message: string): void => tell('error', { error: { code, message } });
    let session: Record<string, unknown> = {
      object: 'realtime.session',
      mode: 'server_commit',
      model: url.searchParams.get('model'),
      voice: 'Cherry',
      response_format: 'pcm',
      sample_rate: 24000,
      id: 'sess_1',
    };
    let written = '';
    const ids = new Set<string>();
    tell('session.created', { session });
    socket.on('message', (data) => {
      const told: Told = JSON.parse(String(data));
      // Each event has a name of its own.
      if (told.event_id === undefined || ids.has(told.event_id)) return fail('invalid_value', 'event_id');
      ids.add(told.event_id);
      if (told.type === 'session.update') {
        session = { ...session, ...told.session };
        const wrong = problem(session);
        if (wrong !== undefined) return fail('invalid_value', wrong);
        this.sessions.push(session);
        return tell('session.updated', { session });
      }
      if (told.type === 'input_text_buffer.append') {
        written += told.text ?? '';
        return undefined;
      }
      if (told.type === 'input_text_buffer.commit') {
        if (written === '') return fail('invalid_value', 'The text buffer is empty.');
        if (this.refusesWith !== undefined) return fail(this.refusesWith, `Not this: ${written}`);
        tell('input_text_buffer.committed', { item_id: '' });
        const text = written;
        written = '';
        return void say(this.#answer(text));
      }
      if (told.type === 'session.finish') {
        tell('session.finished');
        return socket.close(1000);
      }
      return fail('invalid_value', `Unknown event ${told.type}`);
    });
  }

  #answer(text: string): Spoken {
    const [response_id, item_id] = ['resp_1', 'item_1'];
    const place = { response_id, item_id, output_index: 0, content_index: 0 };
    const bytes = bytesOf(this.sound(text));
    const deltas = Array.from({ length: Math.ceil(bytes.length / PART) }, (_, n) => ({
      data: event('response.audio.delta', {
        ...place,
        delta: bytes.subarray(n * PART, (n + 1) * PART).toString('base64'),
      }),
      sound: true,
    }));
    const item = { id: item_id, object: 'realtime.item', type: 'message', role: 'assistant', content: [] };
    const response = { id: response_id, object: 'realtime.response', status: 'in_progress', output: [] };
    return {
      text,
      messages: [
        { data: event('response.created', { response }) },
        { data: event('response.output_item.added', { response_id, output_index: 0, item }) },
        { data: event('response.content_part.added', { ...place, part: { type: 'audio', text: '' } }) },
        ...deltas,
        { data: event('response.audio.done', place) },
        { data: event('response.content_part.done', { ...place, part: { type: 'audio', text: '' } }) },
        { data: event('response.output_item.done', { response_id, output_index: 0, item }) },
        {
          data: event('response.done', {
            response: { ...response, status: this.status, usage: { characters: text.length } },
          }),
        },
      ],
    };
  }
}

const event = (type: string, rest: object): string =>
  JSON.stringify({ event_id: `event_${Math.random().toString(36).slice(2)}`, type, ...rest });

/** What is wrong with a session, as the service would find. */
function problem({
  voice,
  mode,
  language_type,
  response_format,
  sample_rate,
  speech_rate,
}: Record<string, unknown>): string | undefined {
  if (!/^(Cherry|Ethan|myvoice-\w+)$/.test(String(voice)))
    return `Invalid value: '${voice}' for session.voice.`;
  if (mode !== 'commit') return 'This fake speaks what is committed.';
  if (!LANGUAGES.includes(String(language_type))) return 'session.language_type';
  if (response_format !== 'pcm' || sample_rate !== 24000) return 'session.response_format';
  return speech_rate === undefined || typeof speech_rate === 'number' ? undefined : 'session.speech_rate';
}

export default { engine: 'qwen', open: () => new Qwen().listen() } satisfies Fake;
