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
