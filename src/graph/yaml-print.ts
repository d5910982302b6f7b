/**
 * Graph files in their one printed form: sections in order, one entry a line, names aligned, launch fragments
 * normalised. Comments stay with what they stand at, single blank lines stay; what was printed prints the same.
 */
import { isMap, isScalar, isSeq, type Node, type ParsedNode } from 'yaml';
import { Problems } from './problem.js';
import type { Source } from './source.js';
import { parseYaml, readGraphFile, SECTIONS } from './yaml.js';
import { type Attached, attachComments, commentsOf } from './yaml-comments.js';
import { flowList, flowMap, linkLines, scalarText, sortedPairs } from './yaml-scalars.js';

const WIDTH = 125;

/** One line of the file before it is laid out: where it was, how deep it is, its key and value. */
interface Item {
  readonly start: number;
  readonly depth: number;
  /** `name:` or `-`; padded to its neighbours when the value is on the same line. */
  readonly head: string;
  readonly value: string;
  /** Lines that follow, as they are. */
  readonly tail?: readonly string[];
}

/** Prints a graph file. Throws a GraphError when its shape is wrong: there is no printed form of that. */
export function printYaml(source: Source): string {
  const problems = new Problems();
  readGraphFile(source, problems);
  problems.throwIfAny();
  const document = parseYaml(source.text);
  const items = new Layout(source.text).sections(document.contents as Node | null);
  const order = [...items].sort((a, b) => a.start - b.start);
  const { header, items: attached } = attachComments(
    source.text,
    order.map((item) => item.start),
  );
  const of = new Map(order.map((item, i) => [item, attached[i]]));
  const lines = items.flatMap((item, i) => layOut(item, of.get(item), items, i));
  const rest = attached[order.length]?.above ?? [];
  const body = [...lines, ...rest];
  // What was in the middle of the file may begin it now.
  while (body[0] === '') body.shift();
  return `${[...header, ...body]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

function layOut(item: Item, attached: Attached | undefined, items: readonly Item[], index: number): string[] {
  const indent = '  '.repeat(item.depth);
  const above = (attached?.above ?? []).map((line) => (line === '' ? '' : indent + line));
  // The first entry of a section stands right under its name.
  if (item.depth > (items[index - 1]?.depth ?? 0)) while (above[0] === '') above.shift();
  const behind = attached?.behind === undefined ? '' : `  ${attached.behind}`;
  const head = item.value === '' || item.head === '-' ? item.head : item.head.padEnd(headWidth(items, index));
  const text = `${indent}${item.value === '' ? head : `${head} ${item.value}`}`;
  if (item.tail && behind !== '') return [...above, indent + behind.trim(), text, ...item.tail];
  return [...above, text + behind, ...(item.tail ?? [])];
}

/** Names of one section are aligned; neighbours are the items of the same depth without a shallower one between. */
function headWidth(items: readonly Item[], index: number): number {
  const { depth } = items[index] ?? { depth: 0 };
  if (depth === 0) return 0;
  let from = index;
  while ((items[from - 1]?.depth ?? -1) >= depth) from--;
  let width = 0;
  for (let i = from; (items[i]?.depth ?? -1) >= depth; i++) {
    const item = items[i];
    if (item?.depth === depth && item.value !== '') width = Math.max(width, item.head.length);
  }
  return width;
}

class Layout {
  readonly #comments: readonly number[];

  constructor(text: string) {
    this.#comments = commentsOf(text).map((comment) => comment.offset);
  }

  sections(contents: Node | null): Item[] {
    if (!isMap(contents)) return [];
    const items: Item[] = [];
    for (const name of SECTIONS) {
      const pair = contents.items.find((one) => isScalar(one.key) && one.key.value === name);
      if (!pair) continue;
      const start = startOf(pair.key);
      const value = pair.value as Node | null;
      if (value === null || (isScalar(value) && value.value === null)) continue;
      items.push(...this.#section(name, start, value));
    }
    return items;
  }

  #section(name: string, start: number, value: Node): Item[] {
    if (name === 'ends' || name === 'include') {
      const flow = isSeq(value) ? flowList(value.items as Node[]) : flowMap(value, name);
      if (!this.#commented(value) && flow.length + name.length + 2 <= WIDTH) {
        return [{ start, depth: 0, head: `${name}:`, value: flow }];
      }
    }
    const head: Item = { start, depth: 0, head: `${name}:`, value: '' };
    if (isSeq(value)) {
      const items = value.items as Node[];
      return [head, ...items.map((node) => listItem(node, name === 'links'))];
    }
    return isMap(value) ? [head, ...this.#entries(name, value, 1)] : [];
  }

  #entries(section: string, map: Node, depth: number): Item[] {
    if (!isMap(map)) return [];
    const pairs = sortedPairs(map, section);
    return pairs.flatMap(({ key, value }) => {
      const head = `${scalarText(key)}:`;
      const start = startOf(key);
      if (!isMap(value) && !isSeq(value)) return [{ start, depth, head, value: scalarText(value) }];
      const inside = depth === 1 ? section.replace(/s$/, '') : section;
      const flow = isMap(value) ? flowMap(value, inside) : flowList(value.items as Node[]);
      const short = 2 * depth + head.length + 1 + flow.length <= WIDTH;
      if (isSeq(value) || (short && !this.#commented(value))) return [{ start, depth, head, value: flow }];
      return [{ start, depth, head, value: '' }, ...this.#entries(inside, value, depth + 1)];
    });
  }

  /** True when a comment stands inside a node: it can then not be printed on one line. */
  #commented(node: Node): boolean {
    const [start = 0, end = 0] = (node as ParsedNode).range ?? [];
    return this.#comments.some((offset) => offset > start && offset < end);
  }
}

function startOf(node: unknown): number {
  return (node as ParsedNode).range?.[0] ?? 0;
}

function listItem(node: Node, isLink: boolean): Item {
  const [value = '', ...tail] = isLink ? linkLines(node, WIDTH) : [scalarText(node)];
  const item = { start: startOf(node), depth: 1, head: '-', value };
  return tail.length === 0 ? item : { ...item, tail };
}
