/**
 * `WS /api/asr`: FunASR's protocol as LiveTalking's page speaks it, through whichever recogniser the server was given.
 *
 * JSON with `is_speaking: true`, then PCM (16 kHz, 16 bits, mono) in binary messages, then `is_speaking: false`: one answer, `{mode, text, wav_name,
 * is_final: true, timestamp: null}`, whose mode is `2pass-offline` for a client that said `2pass`, else the client's own. Less
 * than 20 ms of sound is an empty text; a byte too many is dropped. Where no words can be had, `error` says why, beside an empty text.
 */

import type { FastifyInstance } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import type { z } from 'zod';
import { FunasrStart } from '../../dialog/ears/funasr.js';
import { Hearing } from '../../dialog/ears/hearing.js';
import type { Recogniser, RecogniserSettings } from '../../dialog/ears/recogniser.js';
import { parsed } from '../../session/json.js';
import { sentence } from '../problem.js';
import { CLOSE, openSockets } from '../sockets.js';

export interface AsrLimits {
  /** Clients at a time. */
  readonly clients: number;
  /** Seconds of sound in one turn. */
  readonly seconds: number;
  /** ms without a message until a client is let go. */
  readonly idleMs: number;
}

export const ASR_LIMITS: AsrLimits = { clients: 8, seconds: 60, idleMs: 60_000 };

const RATE = 16_000;
/** Bytes under which nothing can have been said. */
const LEAST = 640;

export async function asrRoute(
  app: FastifyInstance,
  recogniser: Recogniser,
  settings: RecogniserSettings = {},
  limits: AsrLimits = ASR_LIMITS,
): Promise<void> {
  let clients = 0;
  await openSockets(app);
  app.get('/api/asr', { websocket: true }, (socket) => {
    if (clients >= limits.clients) return socket.close(CLOSE.busy, 'all places are taken');
    clients++;
    socket.once('close', () => clients--);
    new Client(socket, recogniser, settings, limits);
    return undefined;
  });
}

/** One connection: turns, one after the other. */
class Client {
  readonly #socket: WebSocket;
  readonly #recogniser: Recogniser;
  readonly #settings: RecogniserSettings;
  readonly #limits: AsrLimits;
  readonly #gone = new AbortController();
  #start: z.infer<typeof FunasrStart> | undefined;
  #hearing: Hearing | undefined;
  /** Calls the turn at hand off. */
  #drop = new AbortController();
  #bytes = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, recogniser: Recogniser, settings: RecogniserSettings, limits: AsrLimits) {
    this.#socket = socket;
    this.#recogniser = recogniser;
    this.#settings = settings;
    this.#limits = limits;
    socket.on('message', (data, binary) => this.#message(data, binary));
    socket.once('close', () => {
      clearTimeout(this.#idle);
      this.#gone.abort();
    });
    // Its end is told by `close`; what the client did wrong is the client's.
    socket.on('error', () => undefined);
    this.#wait();
  }

  #message(data: RawData, binary: boolean): void {
    this.#wait();
    if (binary) this.#sound(data as Buffer);
    else this.#said(String(data));
  }

  #said(text: string): void {
    const message = FunasrStart.safeParse(parsed(text));
    if (!message.success) {
      this.#socket.close(CLOSE.unsupported, 'expected FunASR’s {"is_speaking": …}');
      return;
    }
    if (message.data.is_speaking) this.#begin(message.data);
    else void this.#end();
  }

  #begin(start: z.infer<typeof FunasrStart>): void {
    if ((start.audio_fs ?? RATE) !== RATE || !/^(pcm|wav)?$/i.test(start.wav_format ?? '')) {
      this.#socket.close(CLOSE.unsupported, 'expected PCM of 16000 Hz');
      return;
    }
    // Who begins again has given the turn before up.
    this.#drop.abort();
    this.#drop = new AbortController();
    this.#start = start;
    this.#bytes = 0;
    this.#hearing = new Hearing({
      recogniser: this.#recogniser,
      settings: {
        ...this.#settings,
        ...(start.hotwords !== undefined && { hotwords: start.hotwords }),
      },
      signal: AbortSignal.any([this.#gone.signal, this.#drop.signal]),
      partial: () => undefined,
      failed: () => undefined,
    });
  }

  #sound(data: Buffer): void {
    if (this.#hearing === undefined) return;
    this.#bytes += data.length;
    if (this.#bytes > this.#limits.seconds * RATE * 2) {
      this.#socket.close(CLOSE.tooBig, `expected at most ${this.#limits.seconds} s in one turn`);
      return;
    }
    // A copy: the bytes need not lie where 16 bit numbers may.
    const whole = new Uint8Array(data.subarray(0, data.length - (data.length % 2)));
    this.#hearing.push(new Int16Array(whole.buffer));
  }

  async #end(): Promise<void> {
    const [hearing, start, bytes, drop] = [this.#hearing, this.#start, this.#bytes, this.#drop];
    if (hearing === undefined || start === undefined) return;
    this.#hearing = undefined;
    hearing.end();
    let [text, error] = ['', ''];
    try {
      const words = await hearing.words;
      if (bytes >= LEAST) text = words;
    } catch (thrown) {
      error = sentence(thrown);
    }
    if (this.#socket.readyState !== this.#socket.OPEN || drop.signal.aborted) return;
    const { mode = 'offline', wav_name = 'h5' } = start;
    this.#socket.send(
      JSON.stringify({
        mode: mode === '2pass' ? '2pass-offline' : mode,
        text,
        wav_name,
        is_final: true,
        timestamp: null,
        ...(error !== '' && { error }),
      }),
    );
  }

  #wait(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#socket.close(CLOSE.idle, 'nothing came'), this.#limits.idleMs);
  }
}
