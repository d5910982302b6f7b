/**
 * A client of `talkgraph serve`, for Node and browsers: `fetch` and WebSocket, and nothing else. Its types are those that the server reads requests with
 * (`src/server/contract/`), so that neither can drift.
 */
import type { z } from 'zod';
import type {
  AvatarList,
  GraphList,
  IceServerList,
  MadeSession,
  ModelList,
  NewSession,
  SessionList,
  Speech,
  VoiceList,
} from '../server/contract/v1.js';
import type { Me } from '../server/contract/watching.js';
import { Http, type HttpOptions } from './http.js';
import { Session } from './session.js';
import { Watching } from './watching.js';

export type { SessionEvent } from '../server/contract/events.js';
export { ApiError, type HttpOptions as ClientOptions } from './http.js';
export type { PcmSocket, PcmTold, SocketClass } from './pcm.js';
export type { ChatOptions, PcmOptions, Question, Session } from './session.js';

/** Every method throws ApiError for what the server refuses. */
export class Client {
  readonly #http: Http;

  constructor(options: HttpOptions = {}) {
    this.#http = new Http(options);
  }

  /** Makes a session of a graph. Where the server has tokens it is driven with its own. */
  async create(wish: z.input<typeof NewSession> = {}): Promise<Session> {
    const { id, token } = await this.#http.json<z.output<typeof MadeSession>>('POST', '/v1/sessions', {
      body: wish,
    });
    return new Session(this.#http, id, token);
  }

  /** One that is there. @param token its own; else this client's is used */
  session(id: string, token?: string): Session {
    return new Session(this.#http, id, token);
  }

  sessions(): Promise<z.output<typeof SessionList>> {
    return this.#http.json('GET', '/v1/sessions');
  }

  /** Whose token this client's is, and what it opens. */
  me(): Promise<z.output<typeof Me>> {
    return this.#http.json('GET', '/v1/me');
  }

  /** Who can speak. */
  async avatars(): Promise<z.output<typeof AvatarList>['avatars']> {
    return (await this.#http.json<z.output<typeof AvatarList>>('GET', '/v1/avatars')).avatars;
  }

  /** Lip-sync models. */
  async models(): Promise<z.output<typeof ModelList>['data']> {
    return (await this.#http.json<z.output<typeof ModelList>>('GET', '/v1/models')).data;
  }

  /** Graphs that sessions can be made of, with what can be set in them. */
  async graphs(): Promise<z.output<typeof GraphList>['graphs']> {
    return (await this.#http.json<z.output<typeof GraphList>>('GET', '/v1/graphs')).graphs;
  }

  /** Voices by engine, and the one that speaks unless somebody wishes for another. */
  voices(): Promise<z.output<typeof VoiceList>> {
    return this.#http.json('GET', '/v1/voices');
  }

  /** STUN and TURN servers for the `RTCPeerConnection` that is to make an offer; none where the server has none. */
  async iceServers(): Promise<z.output<typeof IceServerList>['iceServers']> {
    return (await this.#http.json<z.output<typeof IceServerList>>('GET', '/v1/ice')).iceServers;
  }

  /** What only whoever runs the server may see. */
  get watching(): Watching {
    return new Watching(this.#http);
  }

  /** A sentence in one of the voices (ENGINE/NAME), WAV. */
  async preview(voice: string): Promise<Blob> {
    return await (await this.#http.send('GET', '/v1/voices/preview', { query: { voice } })).blob();
  }

  /** Text to speech, streamed as it is made. */
  async speech(wish: z.input<typeof Speech>): Promise<Response> {
    return await this.#http.send('POST', '/v1/audio/speech', { body: wish });
  }
}
