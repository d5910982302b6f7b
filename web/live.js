// @ts-check
/** A graph as a drawing that can be brought up to date while it runs, and the same in words for those who do not see it. */
import { make, put } from './dom.js';
import { layout } from './layout.js';
import { say } from './words.js';

/**
 * @typedef {{name: string, buffers: number, time?: number, full: number}} Level
 * @typedef {{name: string, factory: string, ours: boolean, state?: string, levels?: Level[], lost?: number}} Element_
 * @typedef {{from: string, fromPad: string, to: string, toPad: string, caps: string, rate?: number, bitrate?: number, gaps?: number, p50?: number, p95?: number}} Link
 * @typedef {{elements: Element_[], links: Link[]}} Graph
 */

const SVG = 'http://www.w3.org/2000/svg';
/** px */
const BOX = { width: 156, height: 50 };
const LANE = 228;
const LAYER = 108;
const MARGIN = 20;
/** ms behind the clock from which on somebody should look. */
const LATE = 500;

/** @param {string} name @param {Record<string, string | number>} attributes @param {...(Node | string)} children */
function svg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

export class GraphView {
  #place;
  #drawing = make('div', {
    class: 'drawing',
    tabindex: '0',
    role: 'region',
    'aria-label': say('Drawing of the graph'),
  });
  #words = make('tbody');
  #shape = '';
  /** @type {((element: Element_) => void)[]} */
  #elements = [];
  /** @type {((link: Link) => void)[]} */
  #links = [];

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
    place.hidden = true;
    const heads = ['Link', 'Format', 'Buffers', 'Typical', 'Latest'].map((word) =>
      make('th', { scope: 'col' }, say(word)),
    );
    place.replaceChildren(
      this.#drawing,
      make(
        'details',
        {},
        make('summary', {}, say('The links as a table')),
        make('table', {}, make('thead', {}, make('tr', {}, ...heads)), this.#words),
      ),
    );
  }

  /** @param {Graph} graph */
  show(graph) {
    const shape = JSON.stringify([
      graph.elements.map(({ name, factory }) => [name, factory]),
      graph.links.map(({ from, fromPad, to, toPad }) => [from, fromPad, to, toPad]),
    ]);
    if (shape !== this.#shape) this.#draw(graph);
    this.#shape = shape;
    for (const [n, element] of graph.elements.entries()) this.#elements[n]?.(element);
    for (const [n, link] of graph.links.entries()) this.#links[n]?.(link);
    put(this.#words, ...graph.links.map(line));
    this.#place.hidden = graph.elements.length === 0;
  }

  /** @param {Graph} graph */
  #draw({ elements, links }) {
    const { spots, ways, lanes, layers } = layout(elements, links);
    const width = MARGIN * 2 + (lanes - 1) * LANE + BOX.width + 96;
    const height = MARGIN * 2 + (layers - 1) * LAYER + BOX.height;
    const picture = svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' });
    picture.setAttribute(
      'aria-label',
      say('{elements} elements, {links} links', { elements: elements.length, links: links.length }),
    );
    // Of links that end in one place each has its figures at its own beginning, where it is the only one that begins there.
    const aside = (/** @type {Link} */ { from, to }) =>
      links.filter((link) => link.to === to).length > 1 &&
      links.filter((link) => link.from === from).length === 1;
    const drawnLinks = links.map((link, n) => edge(link, ways[n] ?? [], aside(link)));
    const drawnElements = elements.map((element) =>
      node(element, spots.get(element.name) ?? { lane: 0, layer: 0 }),
    );
    picture.append(...drawnLinks.map(([part]) => part), ...drawnElements.map(([part]) => part));
    this.#links = drawnLinks.map(([, update]) => update);
    this.#elements = drawnElements.map(([, update]) => update);
    this.#drawing.replaceChildren(picture);
  }
}

/** @param {import('./layout.js').Spot} spot */
const centre = ({ lane, layer }) => ({
  x: MARGIN + lane * LANE + BOX.width / 2,
  y: MARGIN + layer * LAYER + BOX.height / 2,
});

/** @param {Element_} element @param {import('./layout.js').Spot} spot @returns {[Node, (element: Element_) => void]} */
function node({ name, factory, ours }, spot) {
  const { x, y } = centre(spot);
  const [left, top] = [x - BOX.width / 2, y - BOX.height / 2];
  // Of a name that a program gave the beginning is enough.
  const plain = name.replace(/-[0-9a-f]{8}-[0-9a-f-]+/, '');
  const shown = plain.length > 17 ? `${plain.slice(0, 16)}…` : plain;
  const kind = svg('text', { class: 'kind', x: left + 12, y: top + 36 });
  const fill = svg('rect', {
    class: 'fill',
    x: left + 12,
    y: top + BOX.height - 7,
    width: 0,
    height: 3,
    rx: 1.5,
  });
  const bar = svg('rect', {
    class: 'bar',
    x: left + 12,
    y: top + BOX.height - 7,
    width: BOX.width - 24,
    height: 3,
    rx: 1.5,
  });
  const group = svg(
    'g',
    { class: ours ? 'node ours' : 'node' },
    svg('rect', { class: 'box', x: left, y: top, width: BOX.width, height: BOX.height, rx: 10 }),
    svg('text', { class: 'name', x: left + 12, y: top + 20 }, shown),
    kind,
    bar,
    fill,
  );
  const title = svg('title', {});
  group.append(title);
  return [
    group,
    ({ levels = [], lost }) => {
      const full = Math.max(0, ...levels.map((level) => level.full));
      const waiting = levels.map((level) => `${level.name || say('queue')} ${waits(level)}`).join(', ');
      kind.textContent = [factory.replace(/#\d+$/, ''), lost ? say('{lost} lost', { lost }) : '']
        .filter(Boolean)
        .join(' · ');
      title.textContent = [name, factory, waiting].filter(Boolean).join('\n');
      bar.setAttribute('visibility', levels.length === 0 ? 'hidden' : 'visible');
      fill.setAttribute('width', String(full * (BOX.width - 24)));
      fill.setAttribute('class', full > 0.9 ? 'fill full' : full > 0.6 ? 'fill much' : 'fill');
      group.classList.toggle('late', full > 0.9);
    },
  ];
}

/** @param {Level} level */
const waits = ({ buffers, time }) =>
  time === undefined ? String(buffers) : `${buffers}, ${Math.round(time)} ms`;

/**
 * @param {Link} link @param {readonly import('./layout.js').Spot[]} way
 * @param {boolean} aside its figures stand at its beginning
 * @returns {[Node, (link: Link) => void]}
 */
function edge({ toPad }, way, aside) {
  const points = way.map(centre);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [svg('g', { class: 'edge' }), () => undefined];
  const half = BOX.height / 2;
  let path = `M${first.x} ${first.y + half}`;
  let from = { x: first.x, y: first.y + half };
  for (const point of points.slice(1)) {
    const end = point === last ? { x: point.x, y: point.y - half } : point;
    // Crosses to another lane right below where it begins: further down stand the figures of other links.
    const across = end.x === from.x ? (from.y + end.y) / 2 : from.y + 3;
    path += ` C${from.x} ${end.x === from.x ? across : from.y + 26} ${end.x} ${across} ${end.x} ${end.y}`;
    from = end;
  }
  const text = aside ? { x: first.x + 9, y: first.y + half + 29 } : { x: last.x + 9, y: last.y - half - 29 };
  const [above, below] = [svg('text', text), svg('text', { ...text, y: text.y + 15 })];
  const group = svg('g', { class: 'edge' }, svg('path', { d: path }), above, below);
  return [
    group,
    ({ rate, p50, p95, bitrate, gaps }) => {
      const pad = /^(sink|src)$/.test(toPad) ? '' : toPad;
      above.textContent = [
        pad,
        rate === undefined ? '' : `${rate.toFixed(0)}/s`,
        bitrate ? amount(bitrate) : '',
      ]
        .filter(Boolean)
        .join(' · ');
      below.textContent = p50 === undefined || p95 === undefined ? '' : `${ms(p50)} / ${ms(p95)} ms`;
      group.classList.toggle('flows', (rate ?? 0) > 0 && gaps !== 1);
      group.classList.toggle('holds', (p50 ?? 0) > LATE);
    },
  ];
}

/** @param {number} value */
export const ms = (value) =>
  `${Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0)}`.replace('-', '−');

/** @param {number} bits a second */
export const amount = (bits) =>
  bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bits / 1e3)} kbit/s`;

/** @param {Link} link */
function line({ from, fromPad, to, toPad, caps, rate, p50, p95 }) {
  /** @param {string} name @param {string} value @param {string} [kind] */
  const cell = (name, value, kind) => make('td', { 'data-name': say(name), class: kind }, value);
  return make(
    'tr',
    {},
    cell('Link', `${from}.${fromPad} → ${to}.${toPad}`),
    cell('Format', caps.replaceAll(/\((string|int|fraction)\)/g, '')),
    cell('Buffers', rate === undefined ? '' : `${rate.toFixed(1)}/s`, 'number'),
    cell('Typical', p50 === undefined ? '' : `${ms(p50)} ms`, 'number'),
    cell('Latest', p95 === undefined ? '' : `${ms(p95)} ms`, 'number'),
  );
}
