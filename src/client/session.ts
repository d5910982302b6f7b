/** One session: drives and watches it. Types are those that the server reads requests with. */
import type { z } from 'zod';
import type { Chat, ChatChunk } from '../server/contract/chat.js';
import type { SessionEvent } from '../server/contract/events.js';
import type {
  Clip,
  EarsNow,
  EarWishes,
  NewParameters,
  OutputInfo,
  OutputList,
  Parameters,
  Recorded,
  RecordedSegments,
  Record as RecordWish,
  Say,
  SessionAnswer,
  SessionInfo,
  SoundFormat,
  SpeaksWith,
  Utterance,
} from '../server/contract/v1.js';
import type { LiveGraph } from '../server/contract/watching.js';
import { ApiError, type Http } from './http.js';
import { PcmSocket, type PcmTold, type SocketClass } from './pcm.js';
import { dataOf, piecesOf } from './sse.js';

/** How sound is sent. */
export interface PcmOptions extends z.input<typeof SoundFormat> {
  readonly told?: (message: PcmTold) => void;
  /** Where there is no global one (Node before 22): the class of the package `ws`. */
  readonly WebSocket?: SocketClass;
}

/** What is asked: a question, or a conversation that ends with one. */
export type Question = string | z.input<typeof Chat>['messages'];
export type ChatOptions = Omit<z.input<typeof Chat>, 'messages' | 'stream' | 'session'>;

export class Session {
  readonly id: string;
  /** The session's own token: it opens this session alone. Undefined where nobody has given one. */
  readonly token: string | undefined;
  readonly #http: Http;
  readonly #path: string;

  constructor(http: Http, id: string, token?: string) {
    this.id = id;
    this.token = token;
    this.#http = token === undefined ? http : http.as(token);
    this.#path = `/v1/sessions/${encodeURIComponent(id)}`;
  }

  info(): Promise<z.output<typeof SessionInfo>> {
    return this.#http.json('GET', this.#path);
  }

  /** A viewer joins: a complete SDP offer in, the answer out. */
  offer(sdp: string): Promise<z.output<typeof SessionAnswer>> {
    return this.#http.json('POST', `${this.#path}/offer`, { body: { sdp } });
  }

  /** Says a text, or has it answered. */
  say(what: string | z.input<typeof Say>): Promise<z.output<typeof Utterance>> {
    return this.#http.json('POST', `${this.#path}/say`, {
      body: typeof what === 'string' ? { text: what } : what,
    });
  }

  /** Has it answered, and gives the answer while it is written; the face says it meanwhile. Whoever stops reading silences the session. */
  async *chat(question: Question, options: ChatOptions = {}): AsyncGenerator<string, void, undefined> {
    const messages = typeof question === 'string' ? [{ role: 'user', content: question }] : question;
    const body = { ...options, messages, session: this.id, stream: true };
    const reply = await this.#http.send('POST', '/v1/chat/completions', { body });
    for await (const data of dataOf(piecesOf(reply))) {
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data) as Partial<ChatChunk> & { error?: { message: string } };
      if (chunk.error !== undefined) throw new ApiError(502, chunk.error.message, undefined);
      const text = chunk.choices?.[0]?.delta.content ?? '';
      if (text !== '') yield text;
    }
  }

  /** Silences it. */
  async cut(): Promise<void> {
    await this.#http.send('POST', `${this.#path}/cut`);
  }

  /** Plays a clip of the avatar. */
  clip(what: string | z.input<typeof Clip>): Promise<z.output<typeof Utterance>> {
    return this.#http.json('POST', `${this.#path}/clip`, {
      body: typeof what === 'string' ? { name: what } : what,
    });
  }

  /** Speaks in this voice (ENGINE/NAME) from the next utterance on; in the server's choice where it is empty. */
  voice(voice: string): Promise<z.output<typeof SpeaksWith>> {
    return this.#http.json('POST', `${this.#path}/voice`, { body: { voice } });
  }

  /** Another face, model, voice or bitrate from now on: parameters that its graph can change while it plays. */
  change(parameters: z.input<typeof NewParameters>['parameters']): Promise<z.output<typeof Parameters>> {
    return this.#http.json('POST', `${this.#path}/parameters`, { body: { parameters } });
  }

  /** Sends it to one more server, by RTMP or WHIP: one of the places that the server was started with. */
  addOutput(url: string): Promise<z.output<typeof OutputInfo>> {
    return this.#http.json('POST', `${this.#path}/outputs`, { body: { url } });
  }

  async outputs(): Promise<z.output<typeof OutputInfo>[]> {
    return (await this.#http.json<z.output<typeof OutputList>>('GET', `${this.#path}/outputs`)).outputs;
  }

  async removeOutput(id: string): Promise<void> {
    await this.#http.send('DELETE', `${this.#path}/outputs/${encodeURIComponent(id)}`);
  }

  /** Changes how the viewer is heard, and tells what holds now. */
  ears(wishes: z.input<typeof EarWishes> = {}): Promise<z.output<typeof EarsNow>> {
    return this.#http.json('POST', `${this.#path}/ears`, { body: wishes });
  }

  /** Begins to record, `captions` with what is said as a text track (true), a file, or both, `segments` in many files; or finishes the file. */
  record(
    action: z.input<typeof RecordWish>['action'],
    captions: z.input<typeof RecordWish>['captions'] = false,
    segments?: z.input<typeof RecordWish>['segments'],
  ): Promise<z.output<typeof Recorded>> {
    return this.#http.json('POST', `${this.#path}/record`, { body: { action, captions, segments } });
  }

  /** The finished files of a recording in segments, also while it goes on. */
  async segments(): Promise<z.output<typeof RecordedSegments>['segments']> {
    const path = `${this.#path}/record/segments`;
    return (await this.#http.json<z.output<typeof RecordedSegments>>('GET', path)).segments;
  }

  /** One of them by its number, MP4. */
  async segment(number: number): Promise<Blob> {
    return await (await this.#http.send('GET', `${this.#path}/record/segments/${number}`)).blob();
  }

  /** The finished recording, MP4. */
  async recording(): Promise<Blob> {
    return await (await this.#http.send('GET', `${this.#path}/record`)).blob();
  }

  /** What was said in it as WebVTT, where its captions were asked for as a file. */
  async captions(): Promise<string> {
    return await (await this.#http.send('GET', `${this.#path}/captions`)).text();
  }

  /** What was said in one of its segments, where that was asked for as a file. */
  async segmentCaptions(number: number): Promise<string> {
    return await (await this.#http.send('GET', `${this.#path}/record/segments/${number}/captions`)).text();
  }

  /** The running graph, in Graphviz' language. */
  async graph(): Promise<string> {
    return await (await this.#http.send('GET', `${this.#path}/graph`)).text();
  }

  /** The running graph with what waits in its elements and what passes its links; rates from the second look on. */
  levels(): Promise<z.output<typeof LiveGraph>> {
    return this.#http.json('GET', `${this.#path}/levels`);
  }

  /** What happens, as it is heard, until the session ends or the signal aborts. */
  async *events(signal?: AbortSignal): AsyncGenerator<SessionEvent, void, undefined> {
    const reply = await this.#http.send('GET', `${this.#path}/events`, { signal });
    for await (const data of dataOf(piecesOf(reply))) yield JSON.parse(data) as SessionEvent;
  }

  /** A socket for sound that the avatar says while it is made. */
  audio({ told = () => undefined, WebSocket: given, ...format }: PcmOptions = {}): Promise<PcmSocket> {
    const Socket = given ?? (globalThis as { WebSocket?: SocketClass }).WebSocket;
    if (Socket === undefined)
      throw new TypeError('Expected a WebSocket: this Node has none, hand over the class of the package ws.');
    const query = Object.fromEntries(Object.entries(format).map(([name, value]) => [name, String(value)]));
    return PcmSocket.open(Socket, this.#http.socket(`${this.#path}/audio`, query), told);
  }

  /** Ends it. */
  async end(): Promise<void> {
    await this.#http.send('DELETE', this.#path);
  }
}
