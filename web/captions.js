// @ts-check
/**
 * Captions over the picture: the sentence that is being heard, and what the user is understood to say.
 *
 * They are for the eye alone: the list beside the picture is read out.
 */

export class Captions {
  /** @type {HTMLElement} */
  #face;
  /** @type {HTMLElement} */
  #user;
  /** @type {HTMLElement} */
  #place;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
    this.#user = place.appendChild(line('user'));
    this.#face = place.appendChild(line('face'));
    // A line that is over stays as long as its animation says, which is the style's affair.
    for (const one of [this.#face, this.#user]) one.addEventListener('animationend', () => put(one, ''));
  }

  /** @param {boolean} on */
  show(on) {
    this.#place.hidden = !on;
  }

  /** A sentence is heard from now on. @param {string} words */
  says(words) {
    put(this.#face, words);
    // What the user said is answered.
    end(this.#user);
  }

  /** Nothing more is heard. */
  silent() {
    end(this.#face);
  }

  /** It was interrupted. @param {string | undefined} heard how far, where that is known */
  cut(heard) {
    const shown = (this.#face.textContent ?? '').trim();
    // Of several sentences the last one is shown: what was heard ends with its beginning.
    const words = (heard ?? '').trim();
    let length = Math.min(shown.length, words.length);
    while (length > 0 && !words.endsWith(shown.slice(0, length))) length--;
    if (length > 0) put(this.#face, `${shown.slice(0, length).trimEnd()} –`);
    this.#face.classList.add('cut');
    end(this.#face);
  }

  /** What the user is understood to say. @param {string} words @param {boolean} final no more of it comes */
  hears(words, final) {
    put(this.#user, words);
    this.#user.classList.toggle('partial', !final);
  }

  /** It was nothing. */
  nothing() {
    put(this.#user, '');
  }

  clear() {
    put(this.#face, '');
    put(this.#user, '');
  }
}

/** @param {string} name */
function line(name) {
  const place = document.createElement('p');
  place.className = name;
  place.hidden = true;
  return place;
}

/** @param {HTMLElement} place @param {string} words */
function put(place, words) {
  place.classList.remove('over', 'cut', 'partial');
  // Of its own, so that its background ends with the line.
  const span = document.createElement('span');
  span.textContent = words;
  place.replaceChildren(span);
  place.hidden = words.trim() === '';
}

/** @param {HTMLElement} place */
function end(place) {
  if (!place.hidden) place.classList.add('over');
}
