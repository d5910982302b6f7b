/** Sessions that were made without a viewer must not stand for ever: one that nobody sees and nobody drives ends. */
import type { Session } from '../../session/session.js';

export class Unseen {
  readonly #timers = new Map<Session, NodeJS.Timeout>();
  readonly #ms: number;

  /** @param ms without a viewer and a word from anybody */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Watches a session, or notes that somebody is there. */
  touch(session: Session): void {
    const timer = this.#timers.get(session);
    if (timer !== undefined) return void timer.refresh();
    const fresh = setTimeout(() => this.#look(session), this.#ms);
    fresh.unref();
    this.#timers.set(session, fresh);
    session.events.on('event', (event) => {
      if (event.type !== 'state' || event.state !== 'ended') return;
      clearTimeout(this.#timers.get(session));
      this.#timers.delete(session);
    });
  }

  #look(session: Session): void {
    if (session.viewers > 0 || session.speaking) return void this.#timers.get(session)?.refresh();
    void session.close('nobody was there');
  }
}
