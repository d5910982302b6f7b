/** What elements of a session warn of: a server that is away, an encoder that gave up. Nothing has ended by it. */
import { logger, type TalkError } from '../element/index.js';
import type { SessionEvent } from '../server/contract/events.js';

/** ms for which the same is not said again: some elements warn of each buffer. */
const SILENCE = 10_000;
/** Different ones that are remembered. */
const REMEMBERED = 32;

export class Warnings {
  readonly #said = new Map<string, number>();

  /** It is an event already: elements warn of what they post as well. */
  told(message: string): void {
    this.#said.delete(message);
    this.#said.set(message, performance.now());
    if (this.#said.size > REMEMBERED) this.#said.delete(this.#said.keys().next().value ?? message);
  }

  /**
   * Logs it, for nobody may listen to a session that stands from the start, and makes it an event.
   * @returns undefined for what was said a moment ago
   */
  event(session: string, pts: number, { code, message, element }: TalkError): SessionEvent | undefined {
    const before = this.#said.get(message) ?? Number.NEGATIVE_INFINITY;
    if (performance.now() - before < SILENCE) return undefined;
    this.told(message);
    logger({ session }).warn('an element warns', { element, code, reason: message });
    return { type: 'warning', session, pts, code, message };
  }
}
