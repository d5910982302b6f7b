/**
 * Keeps a stream published: connects, sends what comes, and connects again, for as long as it is wanted.
 *
 * Whoever writes never waits and never fails. A lost server is told and tried again after a pause that doubles up to a
 * limit; it is short again only after a connection that lasted, because a server may take a connection and refuse the
 * stream.
 */
import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type typed from 'typed-emitter';
import { type TalkError, toTalkError } from '../element/index.js';
import { Backlog, type BacklogOptions } from './backlog.js';
import { Connection } from './connection.js';
import type { Tag } from './flv.js';
import type { Target } from './target.js';

export type PublisherEvents = {
  /** The server takes the stream. */
  connected: () => void;
  /** No connection, and when the next attempt is made (ms). `attempt`: how many have failed in a row. */
  lost: (error: TalkError, retryIn: number, attempt: number) => void;
  /** The stream cannot go on before a key frame: ask for one. */
  'key-frame': () => void;
  /** This machine cannot send: trying again would not help. */
  broken: (error: TalkError) => void;
};

const Emitter = EventEmitter as unknown as new () => typed.default<PublisherEvents>;

/** ms of the first pause and of the longest. */
const PAUSE = 500;
const LONGEST = 15_000;
/** ms that a connection must last to count as a good one. */
const LASTING = 5000;
/** ms that the rest of the stream may take at the end. */
const GOODBYE = 2000;
/** ms between two requests for a key frame. */
const KEY_PAUSE = 500;

export class Publisher extends Emitter {
  readonly #target: Target;
  readonly #backlog: Backlog;
  readonly #ending = new AbortController();
  #asked = Number.NEGATIVE_INFINITY;
  #connected = false;
  #connection: Connection | undefined;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(target: Target, backlog: BacklogOptions) {
    super();
    this.#target = target;
    this.#backlog = new Backlog(backlog);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Pieces of the stream that were dropped: no connection, or one that was too slow. */
  get dropped(): number {
    return this.#backlog.dropped;
  }

  start(): void {
    this.#running ??= this.#run().catch((error: unknown) => {
      this.emit('broken', toTalkError(error));
    });
  }

  /** Tags in the order in which they are due. Never waits. */
  write(tags: readonly Tag[]): void {
    for (const tag of tags) this.#backlog.add(tag);
    this.#wake?.();
    if (this.#backlog.wantsKey && this.#connected) this.#askForKey();
  }

  /** Sends what waits, says goodbye and ends. A server that does not answer is not waited for. */
  async close(): Promise<void> {
    this.#ending.abort();
    this.#wake?.();
    if (!this.#connected) this.#connection?.fail('it was ended before it connected');
    const late = setTimeout(() => this.#connection?.fail('it does not take the rest of the stream'), GOODBYE);
    await this.#running;
    clearTimeout(late);
  }

  get #ended(): boolean {
    return this.#ending.signal.aborted;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#ended) {
      const begun = performance.now();
      const connection = new Connection(this.#target);
      this.#connection = connection;
      let lost: TalkError | undefined;
      await this.#pump(connection).catch((error: unknown) => {
        lost = toTalkError(error);
      });
      const lasted = this.#connected && performance.now() - begun > LASTING;
      this.#connected = false;
      await connection.close();
      if (lost === undefined || this.#ended) break;
      failures = lasted ? 1 : failures + 1;
      await this.#pause(lost, failures);
      // What came meanwhile is old. The stream begins anew with a picture that stands by itself.
      this.#backlog.clear();
      this.#askForKey();
    }
  }

  /** Sends until the end; rejects when the connection is lost. */
  async #pump(connection: Connection): Promise<void> {
    for (const tag of this.#backlog.begin()) await this.#send(connection, tag);
    for (;;) {
      const tag = this.#backlog.take();
      if (tag !== undefined) await this.#send(connection, tag);
      else if (this.#ended) return;
      else await connection.until(this.#more());
    }
  }

  async #send(connection: Connection, tag: Tag): Promise<void> {
    await connection.send(tag);
    if (this.#connected || !connection.connected) return;
    this.#connected = true;
    this.emit('connected');
  }

  /** Resolves when something was written, or it shall end. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #pause(error: TalkError, failures: number): Promise<void> {
    // A little chance, so that a thousand senders do not come back in the same millisecond.
    const pause = Math.min(PAUSE * 2 ** (failures - 1), LONGEST) * (0.9 + Math.random() * 0.2);
    this.emit('lost', error, Math.round(pause), failures);
    await delay(pause, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }

  #askForKey(): void {
    const now = performance.now();
    if (now - this.#asked < KEY_PAUSE) return;
    this.#asked = now;
    this.emit('key-frame');
  }
}
