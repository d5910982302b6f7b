// @ts-check
/** What could stand where one writes in a graph file: asked of the text before it, its names, and what this server knows of elements. */
import { get } from './api.js';

/**
 * @typedef {{word: string, blurb: string}} Choice
 * @typedef {{name: string, type: string, blurb: string, unit?: string, values?: string[]}} Property
 */

const SECTIONS = [
  { word: 'parameters', blurb: 'what can be set from outside' },
  { word: 'include', blurb: 'files merged into this one' },
  { word: 'elements', blurb: 'elements by name' },
  { word: 'links', blurb: 'who feeds whom' },
  { word: 'ends', blurb: 'where control goes in, where the session comes out' },
];
const PARAMETER = ['type', 'default', 'blurb', 'min', 'max', 'values', 'secret'];
const TYPES = ['string', 'path', 'int', 'number', 'bool', 'enum'];
const ENDS = ['in', 'ask', 'ears', 'out'];
/** Choices shown. */
const MOST = 40;

export class Completion {
  /** @type {Promise<Choice[]> | undefined} */
  #elements;
  /** @type {Map<string, Promise<Property[]>>} */
  #properties = new Map();

  /**
   * @param {string} text
   * @param {number} at where one writes
   * @returns {Promise<{from: number, choices: Choice[]}>} `from`: where the word begins that they are in the place of
   */
  async at(text, at) {
    const before = text.slice(0, at);
    const line = before.slice(before.lastIndexOf('\n') + 1);
    const word = /[$\w./-]*$/.exec(line)?.[0] ?? '';
    const from = at - word.length;
    const all = await this.#fitting(text, line.slice(0, line.length - word.length), word, sectionOf(before));
    const choices = all.filter((one) => one.word.startsWith(word) && one.word !== word);
    return { from, choices: choices.slice(0, MOST) };
  }

  /** @param {string} text @param {string} head of the line, without the word @param {string} word @param {string} section @returns {Promise<Choice[]>} */
  async #fitting(text, head, word, section) {
    const parameters = keys(text, 'parameters').map((name) => ({ word: `$${name}`, blurb: '' }));
    if (word.startsWith('$')) return parameters;
    if (/^\s*$/.test(head) && head === '')
      return SECTIONS.map(({ word, blurb }) => ({ word: `${word}:`, blurb }));
    if (section === 'elements') {
      if (/factory:\s*$/.test(head)) return this.#names();
      const factory = /factory:\s*([\w-]+)/.exec(head)?.[1];
      if (factory === undefined) return [{ word: 'factory:', blurb: '' }];
      const properties = await this.#of(factory);
      const asked = /([\w-]+):\s*$/.exec(head)?.[1];
      if (asked === undefined) return properties.map(({ name, blurb }) => ({ word: `${name}:`, blurb }));
      const found = properties.find(({ name }) => name === asked);
      const values = found?.type === 'bool' ? ['true', 'false'] : (found?.values ?? []);
      return [...values.map((value) => ({ word: value, blurb: found?.blurb ?? '' })), ...parameters];
    }
    if (section === 'links') {
      const named = keys(text, 'elements').map((name) => ({ word: `${name}.`, blurb: '' }));
      return [...named, ...(await this.#names())];
    }
    if (section === 'parameters') {
      if (/type:\s*$/.test(head)) return TYPES.map(plain);
      return /[{,]\s*$/.test(head) ? PARAMETER.map((name) => plain(`${name}:`)) : [];
    }
    if (section === 'ends') {
      return /:\s*$/.test(head) ? keys(text, 'elements').map(plain) : ENDS.map((side) => plain(`${side}:`));
    }
    return [];
  }

  #names() {
    this.#elements ??= get('/v1/elements').then(({ elements }) =>
      elements.map((/** @type {{name: string, blurb: string}} */ { name, blurb }) => ({ word: name, blurb })),
    );
    return this.#elements;
  }

  /** Of an element that there is none of nothing can be set. @param {string} factory @returns {Promise<Property[]>} */
  #of(factory) {
    const known = this.#properties.get(factory);
    if (known !== undefined) return known;
    const asked = get(`/v1/elements/${encodeURIComponent(factory)}`).then(
      ({ properties }) => properties,
      () => [],
    );
    this.#properties.set(factory, asked);
    return asked;
  }
}

/** @param {string} word @returns {Choice} */
const plain = (word) => ({ word, blurb: '' });

/** The key at the beginning of a line that came last. @param {string} before */
const sectionOf = (before) => [...before.matchAll(/^(\w+):/gm)].at(-1)?.[1] ?? '';

/** Names in a section, as they are written: its text may be wrong elsewhere. @param {string} text @param {string} section */
function keys(text, section) {
  const body = new RegExp(`^${section}:\\n((?:[ \\t#].*\\n|\\n)*)`, 'm').exec(`${text}\n`)?.[1] ?? '';
  const named = [...body.matchAll(/^ {2}([\w-]+):/gm)].map(([, name]) => name ?? '');
  const inline =
    section === 'elements' ? [...text.matchAll(/\bname=([\w-]+)/g)].map(([, name]) => name ?? '') : [];
  return [...new Set([...named, ...inline])];
}
