/**
 * `WS /v1/sessions/ID/audio?rate=16000&channels=1`: sound for the avatar to say, while it is made.
 *
 * Binary messages are S16LE samples, interleaved, or with `codec=opus` an Opus packet each. The first one begins an utterance; `{"type":"start","text":"…"}` before it gives it a caption, and
 * `{"type":"end"}` ends it, so that the next message begins another. The server tells `started` with the utterance's `id`, and `dropped` with a
 * `reason` when it was cut: what waited is gone, and what comes is dropped until the next `start` or `end`. A client that sends
 * faster than is heard is read no further when 5 s wait. One that sends nothing for a minute is let go; a closed socket is an end.
 */

import type { RawData, WebSocket } from 'ws';
import type { z } from 'zod';
import { parsed } from '../../session/json.js';
import type { Session } from '../../session/session.js';
import type { Sessions } from '../../session/sessions.js';
import { opusSamples, type Pushed, PushedOpus, PushedSound } from '../../voice/index.js';
import { reach } from '../caller.js';
import { UNKNOWN_SESSION } from '../contract/livetalking.js';
import { PcmMessage, SoundFormat } from '../contract/v1.js';
import { sentence } from '../problem.js';
import { CLOSE } from '../sockets.js';
import type { Api } from './api.js';

/** Sockets of one session at a time, and ms without a message until one is let go. */
const LIMITS = { clients: 4, idleMs: 60_000 };

export function audioRoute(api: Api, sessions: Sessions): void {
  const clients = new WeakMap<Session, number>();
  api.socket(
    {
      path: '/v1/sessions/:id/audio',
      summary:
        'A WebSocket: samples (S16LE, interleaved), or Opus packets, that the avatar says while they come',
      query: SoundFormat,
    },
    (socket, request) => {
      const session = reach(sessions, request, request.params['id'] ?? '');
      if (session === undefined) return socket.close(CLOSE.refused, UNKNOWN_SESSION);
      const format = SoundFormat.safeParse(request.query);
      if (!format.success)
        return socket.close(
          CLOSE.refused,
          'expected pcm or opus, a rate of 8000 to 48000 and 1 to 8 channels',
        );
      const others = clients.get(session) ?? 0;
      if (others >= LIMITS.clients) return socket.close(CLOSE.busy, 'all places are taken');
      clients.set(session, others + 1);
      socket.once('close', () => clients.set(session, (clients.get(session) ?? 1) - 1));
      new Client(socket, session, format.data);
      return undefined;
    },
  );
}

/** One connection: utterances, one after the other. */
class Client {
  readonly #socket: WebSocket;
  readonly #session: Session;
  readonly #format: z.output<typeof SoundFormat>;
  #sound: Pushed | undefined;
  /** Told to be cut; until the next start or end nobody hears. */
  #deaf = false;
  #idle: NodeJS.Timeout | undefined;
  /** Messages that wait for room. */
  #sending = 0;

  constructor(socket: WebSocket, session: Session, format: z.output<typeof SoundFormat>) {
    this.#socket = socket;
    this.#session = session;
    this.#format = format;
    const ended = (): void => socket.close(CLOSE.idle, 'the session has ended');
    const off = session.onEnd(ended);
    socket.on('message', (data, binary) => this.#message(data, binary));
    socket.once('close', () => {
      off();
      clearTimeout(this.#idle);
      this.#end();
    });
    // Its end is told by `close`; what the client did wrong is the client's.
    socket.on('error', () => undefined);
    this.#wait();
  }

  get #opus(): boolean {
    return this.#format.codec === 'opus';
  }

  #message(data: RawData, binary: boolean): void {
    this.#wait();
    if (binary) {
      if (this.#opus && opusSamples(data as Buffer) === undefined)
        this.#socket.close(CLOSE.unsupported, 'expected an Opus packet in each binary message');
      else if (!this.#deaf) this.#push(data as Buffer);
      return;
    }
    const message = PcmMessage.safeParse(parsed(String(data)));
    if (!message.success) {
      this.#socket.close(CLOSE.unsupported, 'expected {"type":"start"} or {"type":"end"}');
      return;
    }
    this.#end();
    if (message.data.type === 'start') this.#begin(message.data.text);
  }

  #begin(text: string): void {
    const sound: Pushed = this.#opus ? new PushedOpus() : new PushedSound(this.#format);
    try {
      const id = this.#session.play(
        {
          open: (signal) => sound.open(signal),
          close: () => this.#closed(sound),
        },
        { text },
      );
      this.#sound = sound;
      this.#tell({ type: 'started', id });
    } catch (error) {
      this.#deaf = true;
      this.#tell({ type: 'dropped', reason: sentence(error) });
    }
  }

  /** It was heard to its end, or it was cut. */
  #closed(sound: Pushed): void {
    sound.close();
    if (this.#sound !== sound) return;
    this.#sound = undefined;
    this.#deaf = true;
    this.#tell({ type: 'dropped', reason: 'it was cut' });
  }

  #push(bytes: Buffer): void {
    if (this.#sound === undefined) this.#begin('');
    const sound = this.#sound;
    if (sound === undefined) return;
    this.#sending++;
    void sound.push(new Uint8Array(bytes)).then(() => {
      this.#sending--;
      if (this.#sending > 0 || !this.#socket.isPaused) return;
      this.#socket.resume();
      this.#wait();
    });
    if (!sound.full) return;
    // The network holds the client back.
    this.#socket.pause();
    clearTimeout(this.#idle);
  }

  #end(): void {
    this.#sound?.end();
    this.#sound = undefined;
    this.#deaf = false;
  }

  #tell(message: object): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #wait(): void {
    clearTimeout(this.#idle);
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#idle = setTimeout(() => this.#socket.close(CLOSE.idle, 'nothing came'), LIMITS.idleMs);
  }
}
