// @ts-check
/** The button that records what is seen and heard, and the way to the file. */
import { by } from './dom.js';

export class Recorder {
  #button = /** @type {HTMLButtonElement} */ (by('record'));
  #film = /** @type {HTMLAnchorElement} */ (by('film'));
  /** @type {import('./session.js').Session | undefined} */
  #session;

  /** @param {(error: unknown) => void} complain */
  constructor(complain) {
    this.#button.addEventListener('click', () => this.#toggle().catch(complain));
  }

  /** Records this session from now on, if anybody presses; none where there is none. @param {import('./session.js').Session} [session] */
  attach(session) {
    this.#session = session;
    this.#show(false);
    if (session !== undefined) this.#forget();
  }

  async #toggle() {
    const session = this.#session;
    if (session === undefined) return;
    const on = this.#button.getAttribute('aria-pressed') !== 'true';
    this.#button.disabled = true;
    try {
      await session.record(on);
      this.#show(on);
      if (on) this.#forget();
      else await this.#offer(session);
    } finally {
      this.#button.disabled = false;
    }
  }

  /** @param {import('./session.js').Session} session */
  async #offer(session) {
    this.#film.href = URL.createObjectURL(await session.film());
    this.#film.download = `${session.id}.mp4`;
    this.#film.hidden = false;
  }

  #forget() {
    URL.revokeObjectURL(this.#film.href);
    this.#film.hidden = true;
  }

  /** @param {boolean} on */
  #show(on) {
    this.#button.setAttribute('aria-pressed', String(on));
  }
}
