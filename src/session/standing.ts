/** A session that stands from the start and has no viewer to end it: a stream that is pushed, a camera. */
import { logger, toTalkError } from '../element/index.js';
import type { Making, Sessions } from './sessions.js';

/** ms until a session that ended begins anew, doubled each time it ends again. */
const FIRST = 1000;
const LONGEST = 30_000;
/** ms after which an end counts as the first one again. */
const LONG_AGO = 60_000;

export class Standing {
  readonly #sessions: Sessions;
  readonly #making: Required<Pick<Making, 'id' | 'settings'>>;
  #timer: NodeJS.Timeout | undefined;
  #wait = FIRST;
  #closed = false;

  constructor(sessions: Sessions, making: Required<Pick<Making, 'id' | 'settings'>>) {
    this.#sessions = sessions;
    this.#making = making;
  }

  /** Makes the session; from then on there is always one. Throws what is wrong with the first. */
  async start(): Promise<void> {
    const began = performance.now();
    const session = await this.#sessions.create({}, this.#making);
    session.events.on('event', (event) => {
      if (event.type !== 'state' || event.state !== 'ended') return;
      if (performance.now() - began > LONG_AGO) this.#wait = FIRST;
      this.#again(event.reason ?? '');
    });
    // What ended it may have come before anybody listened.
    if (session.state === 'ended') this.#again('');
  }

  /** Begins no more; the session itself ends with all others. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #again(reason: string): void {
    if (this.#closed || this.#sessions.closing) return;
    const { id } = this.#making;
    logger({ session: id }).warn('a standing session ended and begins anew', { reason, in: this.#wait });
    this.#timer = setTimeout(() => {
      this.start().catch((error: unknown) => this.#again(toTalkError(error).message));
    }, this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST);
  }
}
