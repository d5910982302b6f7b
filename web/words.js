// @ts-check
/** The pages' words in the reader's language. They stand in the pages in English; a language is a table from these. */
import { ZH } from './words-zh.js';

/** @type {Readonly<Record<string, Readonly<Record<string, string>>>>} */
const TABLES = { zh: ZH };

/** As was chosen on one of our pages, else as the browser says. */
const tag = localStorage.getItem('talkgraph-language') ?? navigator.language;
const [first = 'en'] = tag.toLowerCase().split('-', 1);
export const language = TABLES[first] === undefined ? 'en' : first;
const table = TABLES[language];

/**
 * @param {string} english
 * @param {Readonly<Record<string, string | number>>} [values] what stands in the place of `{name}`
 * @returns {string}
 */
export function say(english, values = {}) {
  const words = table?.[english] ?? english;
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

const ATTRIBUTES = ['aria-label', 'placeholder', 'title'];

/** Puts all words below `place` into the reader's language. @param {HTMLElement} place */
export function translate(place) {
  if (table === undefined) return;
  document.documentElement.lang = tag;
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const words = node.nodeValue?.trim() ?? '';
    if (words !== '') node.nodeValue = node.nodeValue?.replace(words, () => say(words)) ?? null;
  }
  for (const name of ATTRIBUTES) {
    for (const element of place.querySelectorAll(`[${name}]`))
      element.setAttribute(name, say(element.getAttribute(name) ?? ''));
  }
}
