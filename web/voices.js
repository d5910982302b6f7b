// @ts-check
/** The choice of a voice, by engine, and how each sounds. */
import { reach, read, refusal } from './told.js';
import { say } from './words.js';

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} longName
 * @property {string} [unavailable] what it lacks
 * @property {{name: string, language: string, gender?: 'female' | 'male'}[]} voices
 */

/** What speaks no language is for measuring. */
const NONE = 'zxx';

/**
 * Fills `place` and shows it when there is a choice. A server that does not tell leaves it hidden.
 * @param {HTMLElement} place with a select, a button and a line for what goes wrong
 * @param {(voice: string) => void} choose called with ENGINE/NAME, or with nothing for what the server is set to
 */
export async function voices(place, choose) {
  const response = await fetch('/v1/voices').catch(() => undefined);
  if (!response?.ok) return;
  /** @type {{told?: {engines?: Engine[], preset?: string | null}}} */
  const { told: { engines = [], preset } = {} } = read(response, await response.text());
  const select = /** @type {HTMLSelectElement} */ (place.querySelector('select'));
  const usual = new Option(
    preset ? `${say("the server's choice")}: ${preset}` : say("the server's choice"),
    '',
  );
  const able = engines.filter(({ unavailable }) => unavailable === undefined);
  const unable = engines.filter(({ unavailable }) => unavailable !== undefined);
  select.replaceChildren(usual, ...[...able, ...unable].flatMap(group));
  place.hidden = select.options.length < 2;
  const preview = new Preview(place, select, preset ?? '');
  select.addEventListener('change', () => {
    preview.stop();
    choose(select.value);
  });
}

/** @param {Engine} engine @returns {HTMLOptGroupElement[]} none where it has no voice to choose */
function group({ name: engine, longName, unavailable, voices }) {
  const spoken = voices.filter(({ language }) => language !== NONE);
  if (spoken.length === 0) return [];
  const place = document.createElement('optgroup');
  place.label = unavailable === undefined ? longName : `${longName}: ${say('not set up')}`;
  place.title = unavailable ?? '';
  place.disabled = unavailable !== undefined;
  for (const { name, language, gender } of spoken) {
    const facts = [language === 'mul' ? '' : language, gender && say(gender)].filter(Boolean).join(', ');
    place.append(new Option(facts === '' ? name : `${name} (${facts})`, `${engine}/${name}`));
  }
  return [place];
}

/** The button that lets the chosen voice be heard. */
class Preview {
  #button;
  #note;
  #sound = new Audio();
  #wanted = new AbortController();

  /** @param {HTMLElement} place @param {HTMLSelectElement} select @param {string} preset */
  constructor(place, select, preset) {
    this.#button = /** @type {HTMLButtonElement} */ (place.querySelector('button'));
    this.#note = /** @type {HTMLElement} */ (place.querySelector('[role=status]'));
    const chosen = () => select.value || preset;
    const settle = () => {
      this.#button.disabled = chosen() === '' || chosen().includes(',');
    };
    settle();
    select.addEventListener('change', settle);
    this.#button.addEventListener('click', () => {
      if (this.#button.dataset['state'] === 'idle') void this.#play(chosen());
      else this.stop();
    });
    this.#sound.addEventListener('ended', () => this.stop());
    this.#become('idle');
  }

  stop() {
    this.#wanted.abort();
    this.#sound.pause();
    URL.revokeObjectURL(this.#sound.src);
    this.#note.textContent = '';
    this.#become('idle');
  }

  /** @param {string} voice */
  async #play(voice) {
    this.stop();
    this.#wanted = new AbortController();
    const { signal } = this.#wanted;
    this.#become('loading');
    try {
      const reply = await reach(`/v1/voices/preview?voice=${encodeURIComponent(voice)}`, { signal });
      const problem = await refusal(reply);
      if (problem !== undefined) throw new Error(problem);
      const sound = await reply.blob();
      if (signal.aborted) return;
      this.#sound.src = URL.createObjectURL(sound);
      this.#become('playing');
      await this.#sound.play();
    } catch (error) {
      if (signal.aborted) return;
      this.#become('idle');
      this.#note.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** @param {'idle' | 'loading' | 'playing'} state */
  #become(state) {
    this.#button.dataset['state'] = state;
    this.#button.textContent = say(state === 'idle' ? 'Listen' : 'Stop');
    this.#button.setAttribute('aria-busy', String(state === 'loading'));
  }
}
