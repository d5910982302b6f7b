// @ts-check
/** The list of what was said. */

/** Lines kept. */
const LINES = 50;

export class Said {
  /** @type {HTMLElement} */
  #place;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
  }

  /** A new line. @param {string} words @param {'now' | 'you'} by who says it: the face, now, or the user */
  add(words, by) {
    this.over();
    const item = document.createElement('li');
    item.className = by;
    item.textContent = words;
    this.#place.append(item);
    while (this.#place.children.length > LINES) this.#place.firstElementChild?.remove();
    item.scrollIntoView({ block: 'nearest' });
  }

  /** The face goes on. Of what was known whole the line has it already. @param {string} words */
  more(words) {
    const now = this.#now();
    if (now && !now.textContent?.includes(words.trim())) now.append(words);
  }

  /** Nothing is being said. */
  over() {
    for (const other of this.#place.querySelectorAll('.now')) other.classList.remove('now');
  }

  /** The face was interrupted. @param {string | undefined} heard how far it was heard, where that is known */
  cut(heard) {
    const now = this.#now();
    if (now) {
      const words = now.textContent ?? '';
      const known = heard !== undefined && words.startsWith(heard.trim()) ? heard.trim() : '';
      const lost = document.createElement('s');
      lost.textContent = words.slice(known.length);
      now.replaceChildren(known, lost);
    }
    this.over();
  }

  #now() {
    return this.#place.querySelector('.now');
  }
}
