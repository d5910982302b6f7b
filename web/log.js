// @ts-check
/** The log of the server, as it is written. */
import { get } from './api.js';
import { by, make } from './dom.js';
import { say } from './words.js';

/** Lines kept. */
const KEPT = 300;
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/** @typedef {{number: number, time: number, level: string, message: string, fields: Record<string, unknown>}} Line */

export class LogView {
  #place = by('log');
  #level = /** @type {HTMLSelectElement} */ (by('level'));
  /** @type {Line[]} */
  #lines = [];
  #last = 0;

  constructor() {
    this.#level.addEventListener('change', () => this.#show());
  }

  /** What was written since. */
  async more() {
    const { lines } = /** @type {{lines: Line[]}} */ (await get(`/v1/log?after=${this.#last}`));
    if (lines.length === 0) return;
    this.#last = lines.at(-1)?.number ?? this.#last;
    this.#lines = [...this.#lines, ...lines].slice(-KEPT);
    this.#show();
  }

  #show() {
    const least = LEVELS.indexOf(this.#level.value);
    const shown = this.#lines.filter(({ level }) => LEVELS.indexOf(level) >= least);
    by('quiet').hidden = shown.length > 0;
    this.#place.hidden = shown.length === 0;
    // Whoever reads further up is left there.
    const below = this.#place.scrollHeight - this.#place.scrollTop - this.#place.clientHeight < 30;
    this.#place.replaceChildren(...shown.map(entry));
    if (below) this.#place.scrollTop = this.#place.scrollHeight;
  }
}

/** @param {Line} line */
function entry({ time, level, message, fields }) {
  const told = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${brief(value)}`)
    .join(' ');
  return make(
    'li',
    {},
    make('time', {}, new Date(time).toLocaleTimeString()),
    make('span', { class: 'state', 'data-state': level }, say(level)),
    // Whatever direction a message turns to ends with it.
    make('span', { class: 'what' }, make('bdi', {}, message), ' ', make('bdi', { class: 'fields' }, told)),
  );
}

/** @param {unknown} value */
function brief(value) {
  if (typeof value !== 'object' || value === null) return String(value);
  const { message } = /** @type {{message?: unknown}} */ (value);
  const text = typeof message === 'string' ? message : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
