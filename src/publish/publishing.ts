/**
 * Keeps a stream published: connects, and connects again, for as long as it is wanted. What a connection is, and how the stream
 * gets into it, is for those who extend this: RTMP, WHIP.
 *
 * Whoever writes never waits and never fails. A lost server is told and tried again after a pause that doubles up to a
 * limit; it is short again only after a connection that lasted, because a server may take a connection and refuse the
 * stream.
 */
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type typed from 'typed-emitter';
import { type TalkError, toTalkError } from '../element/index.js';

export type PublishingEvents = {
  /** The server takes the stream. */
  connected: () => void;
  /** No connection, and when the next attempt is made (ms). `attempt`: how many have failed in a row. */
  lost: (error: TalkError, retryIn: number, attempt: number) => void;
  /** The stream cannot go on before a key frame: ask for one. */
  'key-frame': () => void;
  /** The encoder of the video is to keep to this, bit/s. */
  rate: (bitrate: number) => void;
  /** This machine cannot send: trying again would not help. */
  broken: (error: TalkError) => void;
};

/** One attempt to be connected, and the connection that it becomes. */
export interface Attempt {
  /** It is lost, or given up: what waits for it is rejected. */
  fail(reason: unknown): void;
  /** Ends it, with a goodbye where somebody still listens. Never rejects. */
  close(): Promise<void>;
}

const Emitter = EventEmitter as unknown as new () => typed.default<PublishingEvents>;

/** ms of the first pause and of the longest. */
const PAUSE = 500;
const LONGEST = 15_000;
/** A server may ask for more (`Retry-After`), but not for this much, ms. */
const PATIENCE = 60_000;
/** ms that a connection must last to count as a good one. */
const LASTING = 5000;
/** ms that the rest of the stream may take at the end. */
const GOODBYE = 2000;
/** ms between two requests for a key frame. */
const KEY_PAUSE = 500;

export abstract class Publishing<A extends Attempt> extends Emitter {
  readonly #ending = new AbortController();
  #asked = Number.NEGATIVE_INFINITY;
  #connected = false;
  #attempt: A | undefined;
  #running: Promise<void> | undefined;

  /** A new attempt. */
  protected abstract begin(): A;
  /** Sends over it until the end; rejects when it is lost. Says `established` when the server takes the stream. */
  protected abstract run(attempt: A): Promise<void>;
  /** Before the next attempt: what came meanwhile is old. */
  protected forget(): void {}
  /** The end has come: let `run` find out. */
  protected stopped(): void {}

  get connected(): boolean {
    return this.#connected;
  }

  protected get ended(): boolean {
    return this.#ending.signal.aborted;
  }

  start(): void {
    this.#running ??= this.#keep().catch((error: unknown) => {
      this.emit('broken', toTalkError(error));
    });
  }

  /** Lets what waits be sent, says goodbye and ends. A server that does not answer is not waited for. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.stopped();
    if (!this.#connected) this.#attempt?.fail('it was ended before it connected');
    const late = setTimeout(() => this.#attempt?.fail('it does not take the rest of the stream'), GOODBYE);
    await this.#running;
    clearTimeout(late);
  }

  protected established(): void {
    if (this.#connected) return;
    this.#connected = true;
    this.emit('connected');
  }

  protected askForKey(): void {
    const now = performance.now();
    if (now - this.#asked < KEY_PAUSE) return;
    this.#asked = now;
    this.emit('key-frame');
  }

  async #keep(): Promise<void> {
    let failures = 0;
    while (!this.ended) {
      const begun = performance.now();
      const attempt = this.begin();
      this.#attempt = attempt;
      let lost: TalkError | undefined;
      await this.run(attempt).catch((error: unknown) => {
        lost = toTalkError(error);
      });
      const lasted = this.#connected && performance.now() - begun > LASTING;
      this.#connected = false;
      await attempt.close();
      if (lost === undefined || this.ended) break;
      failures = lasted ? 1 : failures + 1;
      await this.#pause(lost, failures);
      // The stream begins anew with a picture that stands by itself.
      this.forget();
      this.askForKey();
    }
  }

  async #pause(error: TalkError, failures: number): Promise<void> {
    // A little chance, so that a thousand senders do not come back in the same millisecond.
    const ours = Math.min(PAUSE * 2 ** (failures - 1), LONGEST) * (0.9 + Math.random() * 0.2);
    const theirs = Math.min(Number(error.details['retryAfter'] ?? 0) * 1000, PATIENCE);
    const pause = Math.max(ours, theirs);
    this.emit('lost', error, Math.round(pause), failures);
    await delay(pause, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }
}
