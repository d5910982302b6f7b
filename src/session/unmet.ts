/**
 * Sessions that were made for somebody who has not come: an offer was answered, and nobody connected yet.
 *
 * Each lasts until its viewer counts as gone (15 s, src/webrtc/link.ts), so a client that offers and follows nothing up could hold
 * all places, for a request every few seconds. When all are taken and somebody else asks, a client with several of them gives one up. Who has
 * one is let alone, however slow: it may be behind a relay.
 */
import type { SessionEvent } from '../server/contract/events.js';
import type { PostedMark } from './marks.js';
import type { Session } from './session.js';

interface Waiting {
  readonly client: string;
  /** ms of performance.now() */
  readonly since: number;
}

export class Unmet {
  /** In the order in which they were made. */
  readonly #all = new Map<Session, Waiting>();
  readonly #graceMs: number;

  /** @param graceMs that each has in any case */
  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** Watches a session that has just been made until its first viewer is there, or it ends. */
  add(session: Session, client: string): void {
    this.#all.set(session, { client, since: performance.now() });
    const { events } = session;
    const met = (): void => {
      this.#all.delete(session);
      events.off('posted', look);
      events.off('event', hear);
    };
    const look = ({ name }: PostedMark): void => {
      if (name === 'viewer-joined') met();
    };
    const hear = (event: SessionEvent): void => {
      if (event.type === 'state' && event.state === 'ended') met();
    };
    events.on('posted', look);
    events.on('event', hear);
  }

  /** The one whose place this client gets; undefined where there is none, or the client holds places in this way itself. */
  for(client: string): Session | undefined {
    const counts = new Map<string, number>();
    for (const { client: whose } of this.#all.values()) counts.set(whose, (counts.get(whose) ?? 0) + 1);
    if (counts.has(client)) return undefined;
    const before = performance.now() - this.#graceMs;
    for (const [session, { client: whose, since }] of this.#all)
      if (since <= before && (counts.get(whose) ?? 0) > 1) return session;
    return undefined;
  }

  /** It is being ended: its place is somebody's. */
  give(session: Session): void {
    this.#all.delete(session);
  }
}
