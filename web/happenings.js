// @ts-check
/** What happens in a session, as a list: the newest on top. */
import { by, make } from './dom.js';
import { say } from './words.js';

/** Lines kept. */
const KEPT = 100;
/** What is told besides its kind. */
const TOLD = ['text', 'heard', 'name', 'message', 'state', 'reason'];
const TYPES = [
  'speech.start',
  'speech.end',
  'sentence',
  'clip',
  'tool',
  'transcript.final',
  'turn',
  'interrupted',
  'error',
  'warning',
  'state',
];

export class Happenings {
  #source;

  /** @param {string} path @param {() => void} ended the session is over */
  constructor(path, ended) {
    this.#source = new EventSource(path);
    for (const type of TYPES) {
      this.#source.addEventListener(type, (event) => {
        // `error` is what the connection says of itself, too.
        if (!(event instanceof MessageEvent)) return;
        const told = JSON.parse(event.data);
        this.#add(told);
        if (told.type !== 'state' || told.state !== 'ended') return;
        this.close();
        ended();
      });
    }
  }

  close() {
    this.#source.close();
  }

  /** @param {Record<string, unknown>} told */
  #add(told) {
    const place = by('events');
    const words = TOLD.map((name) => told[name])
      .filter((value) => typeof value === 'string' && value !== '')
      .join(' · ');
    const kind = told['type'] === 'error' ? 'error' : told['type'] === 'warning' ? 'warn' : '';
    place.prepend(
      make(
        'li',
        {},
        make('time', {}, `${(Number(told['pts']) / 1e9).toFixed(2)} s`),
        make('span', { class: 'state', 'data-state': kind }, say(String(told['type']))),
        make('span', { class: 'what' }, words),
      ),
    );
    while (place.children.length > KEPT) place.lastElementChild?.remove();
    place.hidden = false;
    by('no-events').hidden = true;
  }
}
