/** A stream published to an RTMP server: what waits, and how it gets into a connection. */
import { Publishing } from '../publish/publishing.js';
import { Backlog, type BacklogOptions } from './backlog.js';
import { Connection } from './connection.js';
import type { Tag } from './flv.js';
import type { Target } from './target.js';

export class Publisher extends Publishing<Connection> {
  readonly #target: Target;
  readonly #backlog: Backlog;
  readonly #sent: (tag: Tag) => void;
  #wake: (() => void) | undefined;

  /** @param sent gets each tag that the connection has taken, as it does */
  constructor(target: Target, backlog: BacklogOptions, sent: (tag: Tag) => void = () => undefined) {
    super();
    this.#sent = sent;
    this.#target = target;
    this.#backlog = new Backlog(backlog);
  }

  /** Pieces of the stream that were dropped: no connection, or one that was too slow. */
  get dropped(): number {
    return this.#backlog.dropped;
  }

  /** Tags in the order in which they are due. Never waits. */
  write(tags: readonly Tag[]): void {
    for (const tag of tags) this.#backlog.add(tag);
    this.#wake?.();
    if (this.#backlog.wantsKey && this.connected) this.askForKey();
  }

  protected override begin(): Connection {
    return new Connection(this.#target);
  }

  protected override async run(connection: Connection): Promise<void> {
    for (const tag of this.#backlog.begin()) await this.#send(connection, tag);
    for (;;) {
      const tag = this.#backlog.take();
      if (tag !== undefined) await this.#send(connection, tag);
      else if (this.ended) return;
      else await connection.until(this.#more());
    }
  }

  protected override forget(): void {
    this.#backlog.clear();
  }

  protected override stopped(): void {
    this.#wake?.();
  }

  async #send(connection: Connection, tag: Tag): Promise<void> {
    await connection.send(tag);
    this.#sent(tag);
    if (connection.connected) this.established();
  }

  /** Resolves when something was written, or it shall end. */
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
