// @ts-check
/** A text field for graph files: numbers of lines, what is wrong underlined, completions by keyboard and pointer. */
import { Completion } from './completion.js';
import { make } from './dom.js';

/** @typedef {{message: string, file?: string, line?: number, column?: number, length?: number}} Problem */

/** px, as in editor.css. */
const LINE = 20;
const PADDING = { left: 12, top: 10 };

export class Editor extends EventTarget {
  #text;
  #marks;
  #gutter;
  #choices;
  #completion = new Completion();
  /** @type {{from: number, words: string[]}} */
  #offered = { from: 0, words: [] };
  #chosen = 0;
  #asked = 0;
  /** @type {readonly Problem[]} */
  #problems = [];

  /** @param {HTMLElement} place with textarea, marks, gutter and a list */
  constructor(place) {
    super();
    const find = (/** @type {string} */ what) => /** @type {HTMLElement} */ (place.querySelector(what));
    this.#text = /** @type {HTMLTextAreaElement} */ (find('textarea'));
    this.#marks = find('.marks');
    this.#gutter = find('.gutter');
    this.#choices = find('[role=listbox]');
    this.#text.addEventListener('input', () => this.#changed(true));
    this.#text.addEventListener('scroll', () => this.#scrolled());
    this.#text.addEventListener('keydown', (event) => this.#key(event));
    this.#text.addEventListener('blur', () => this.#close());
    this.#choices.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      const item = event.target instanceof Element ? event.target.closest('[role=option]') : null;
      if (item === null) return;
      this.#chosen = [...this.#choices.children].indexOf(item);
      this.#take();
    });
  }

  get text() {
    return this.#text.value;
  }

  set text(text) {
    this.#text.value = text;
    this.#text.scrollTop = 0;
    this.#problems = [];
    this.#changed(false);
  }

  /** Underlines them. @param {readonly Problem[]} problems */
  mark(problems) {
    this.#problems = problems.filter(({ file, line }) => file === undefined && line !== undefined);
    this.#paint();
  }

  /** Puts the cursor there. @param {Problem} problem */
  go({ line = 1, column = 1, length = 0 }) {
    const from = offsetOf(this.text, line, column);
    this.#text.focus();
    this.#text.setSelectionRange(from, from + length);
    this.#text.scrollTop = Math.max(0, (line - 4) * LINE);
  }

  /** @param {boolean} typed */
  #changed(typed) {
    this.#paint();
    this.dispatchEvent(new Event('change'));
    if (typed) void this.#offer(false);
    else this.#close();
  }

  #paint() {
    const wrong = new Set(this.#problems.map(({ line }) => line));
    const lines = this.text.split('\n').length;
    this.#gutter.replaceChildren(
      ...Array.from({ length: lines }, (_, n) =>
        make('li', { class: wrong.has(n + 1) ? 'wrong' : undefined }, n + 1),
      ),
    );
    /** @type {(Node | string)[]} */
    const parts = [];
    let at = 0;
    const places = this.#problems.map(({ line = 1, column = 1, length = 1 }) => ({
      from: offsetOf(this.text, line, column),
      length,
    }));
    for (const { from, length } of places.sort((a, b) => a.from - b.from)) {
      if (from < at) continue;
      const end = Math.max(from + 1, from + length);
      parts.push(this.text.slice(at, from), make('mark', {}, this.text.slice(from, end) || ' '));
      at = end;
    }
    // A last line that is empty has its height, too.
    this.#marks.replaceChildren(...parts, `${this.text.slice(at)}\n`);
    this.#scrolled();
  }

  #scrolled() {
    this.#marks.scrollTop = this.#gutter.scrollTop = this.#text.scrollTop;
    this.#marks.scrollLeft = this.#text.scrollLeft;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      void this.#offer(true);
      return;
    }
    if (this.#choices.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = this.#offered.words.length;
    if (step !== undefined) this.#choose((this.#chosen + step + count) % count);
    else if (event.key === 'Enter' || event.key === 'Tab') this.#take();
    else if (event.key === 'Escape') this.#close();
    else return;
    event.preventDefault();
  }

  /** @param {boolean} wanted by its key: even where nothing was written yet */
  async #offer(wanted) {
    const asked = ++this.#asked;
    const at = this.#text.selectionStart;
    if (at !== this.#text.selectionEnd) return this.#close();
    const { from, choices } = await this.#completion.at(this.text, at);
    // Written on meanwhile.
    if (asked !== this.#asked) return;
    if (choices.length === 0 || (from === at && !wanted)) return this.#close();
    this.#offered = { from, words: choices.map(({ word }) => word) };
    this.#choices.replaceChildren(
      ...choices.map(({ word, blurb }, n) =>
        make('div', { role: 'option', id: `choice-${n}` }, word, blurb !== '' && make('small', {}, blurb)),
      ),
    );
    this.#place(from);
    this.#choices.hidden = false;
    this.#choose(0);
  }

  /** @param {number} from */
  #place(from) {
    const lines = this.text.slice(0, from).split('\n');
    const wide = make('span', {}, '0'.repeat(10));
    this.#marks.append(wide);
    const letter = wide.getBoundingClientRect().width / 10;
    wide.remove();
    const box = this.#text.getBoundingClientRect();
    const editor = /** @type {HTMLElement} */ (this.#choices.parentElement).getBoundingClientRect();
    const top = box.top - editor.top + PADDING.top + lines.length * LINE - this.#text.scrollTop;
    const left =
      box.left - editor.left + PADDING.left + (lines.at(-1)?.length ?? 0) * letter - this.#text.scrollLeft;
    this.#choices.style.top = `${Math.min(top, Math.max(0, editor.height - 190))}px`;
    this.#choices.style.left = `${Math.max(4, Math.min(left, editor.width - 300))}px`;
  }

  /** @param {number} n */
  #choose(n) {
    this.#chosen = n;
    for (const [i, item] of [...this.#choices.children].entries()) {
      item.setAttribute('aria-selected', String(i === n));
      if (i === n) item.scrollIntoView({ block: 'nearest' });
    }
    this.#text.setAttribute('aria-activedescendant', `choice-${n}`);
  }

  #take() {
    const word = this.#offered.words[this.#chosen] ?? '';
    this.#close();
    this.#text.setRangeText(word, this.#offered.from, this.#text.selectionStart, 'end');
    this.#paint();
    this.dispatchEvent(new Event('change'));
  }

  #close() {
    this.#asked++;
    this.#choices.hidden = true;
    this.#text.removeAttribute('aria-activedescendant');
  }
}

/** @param {string} text @param {number} line from 1 @param {number} column from 1 */
function offsetOf(text, line, column) {
  let at = 0;
  for (let n = 1; n < line; n++) at = text.indexOf('\n', at) + 1;
  return at + column - 1;
}
