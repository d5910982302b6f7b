// @ts-check
/** Making and filling parts of a page. */

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const by = (id) => /** @type {T} */ (document.getElementById(id));

/** @typedef {string | number | boolean | ((event: Event) => unknown) | undefined} Attribute */
/** @typedef {Node | string | number | undefined | false} Child */

/**
 * An element with attributes and children; functions are listeners, by the name of their event. Text is text, never HTML.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Readonly<Record<string, Attribute>>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  element.append(...shown(children));
  return element;
}

/** Puts these in the place of what is there, unless it would look the same: focus and selection stay. @param {Element} place @param {...Child} children */
export function put(place, ...children) {
  const next = document.createElement(place.tagName);
  next.append(...shown(children));
  if (next.innerHTML !== place.innerHTML) place.replaceChildren(...next.childNodes);
}

/** @param {readonly Child[]} children */
const shown = (children) =>
  children
    .filter((child) => child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));

/** @param {string} id @param {unknown} [error] nothing takes it away */
export function complain(id, error) {
  const place = by(id);
  place.hidden = error === undefined;
  place.textContent = error instanceof Error ? error.message : String(error ?? '');
}
