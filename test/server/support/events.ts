import type { SessionEvent } from '../../../src/server/contract/events.js';
import type { Session } from '../../../src/session/session.js';

/** Resolves with the next event of a session that is of one of these types. */
export function nextEvent(session: Session, ...types: readonly string[]): Promise<SessionEvent> {
  return new Promise((resolve) => {
    const listen = (event: SessionEvent) => {
      if (!types.includes(event.type)) return;
      session.events.off('event', listen);
      resolve(event);
    };
    session.events.on('event', listen);
  });
}

/** Everything that a session tells, to be waited for in its order. */
export class Heard {
  readonly all: SessionEvent[] = [];
  #read = 0;
  #told: () => void = () => undefined;

  constructor(session: Session) {
    session.events.on('event', (event) => {
      this.all.push(event);
      this.#told();
    });
  }

  /** The next event of that type behind the one that was given last. */
  async next<T extends SessionEvent['type']>(type: T): Promise<SessionEvent & { type: T }> {
    for (;;) {
      const event = this.all[this.#read];
      if (event === undefined) {
        await new Promise<void>((resolve) => {
          this.#told = resolve;
        });
      } else {
        this.#read++;
        if (event.type === type) return event as SessionEvent & { type: T };
      }
    }
  }
}
