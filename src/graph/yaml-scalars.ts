/**
 * Scalars and one-line maps of a printed graph file.
 */
import { Document, isMap, isScalar, isSeq, type Node } from 'yaml';
import { tokenize } from './launch-lex.js';
import { parseLaunch } from './launch-parse.js';
import { printLaunch } from './launch-print.js';
import { SIDES } from './model.js';

/** The order keys are printed in where it is fixed; others follow as they were written. */
const KEY_ORDER: Readonly<Record<string, readonly string[]>> = {
  parameter: ['type', 'values', 'default', 'min', 'max', 'secret', 'blurb'],
  element: ['factory'],
  ends: SIDES,
};

/** Texts plain where YAML reads them back as that text, quoted else; numbers and booleans as they were spelt. */
export function scalarText(node: unknown, inFlow = false): string {
  if (node === null || node === undefined) return 'null';
  if (isMap(node)) return flowMap(node);
  if (isSeq(node)) return flowList(node.items as Node[]);
  if (!isScalar(node)) return String(node);
  if (typeof node.value !== 'string') return node.source ?? String(node.value);
  return textScalar(node.value, inFlow);
}

/** One text as YAML. */
export function textScalar(text: string, inFlow: boolean): string {
  // JSON's form of a text with line breaks or control characters is YAML's too, and has one line.
  if (/[\p{Cc}\p{Zl}\p{Zp}\ufeff]/u.test(text)) return JSON.stringify(text);
  const document = new Document([text], { version: '1.2' });
  const printed = document.toString({
    lineWidth: 0,
    flowCollectionPadding: false,
    collectionStyle: inFlow ? 'flow' : 'block',
  });
  const line = printed.trimEnd();
  return inFlow ? line.slice(1, -1) : line.slice(2);
}

/** `[a, b]` */
export function flowList(nodes: readonly Node[]): string {
  return `[${nodes.map((node) => scalarText(node, true)).join(', ')}]`;
}

/** `{ a: 1, b: 2 }`, the keys of `kind` in their order. */
export function flowMap(node: Node, kind = ''): string {
  const pairs = sortedPairs(node, kind).map(
    ({ key, value }) => `${scalarText(key, true)}: ${scalarText(value, true)}`,
  );
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** The pairs of a map, those with a fixed place first. */
export function sortedPairs(node: Node, kind: string): { key: Node; value: Node | null }[] {
  if (!isMap(node)) return [];
  const order = KEY_ORDER[kind] ?? [];
  const rank = (key: unknown) => {
    const place = order.indexOf(isScalar(key) ? String(key.value) : '');
    return place === -1 ? order.length : place;
  };
  const pairs = node.items as unknown as { key: Node; value: Node | null }[];
  return [...pairs].sort((a, b) => rank(a.key) - rank(b.key));
}

/** A launch fragment, normalised; one that is too long is folded before its links. */
export function linkLines(node: Node, width: number): string[] {
  const text = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  const line = printLaunch(parseLaunch(text, { namesInside: true }));
  const scalar = textScalar(line, false);
  // Folding would make a blank of a line break inside a value.
  if (scalar.length + 4 <= width || line.includes('\n')) return [scalar];
  const cuts = tokenize(line).flatMap((token) => (token.kind === 'link' ? [token.start] : []));
  const lines = [''];
  let from = 0;
  for (const to of [...cuts, line.length]) {
    const piece = line.slice(from, to);
    const last = lines.length - 1;
    const before = lines[last] ?? '';
    if (before !== '' && before.length + piece.trimEnd().length + 4 > width) lines.push(piece);
    else lines[last] = before + piece;
    from = to;
  }
  return ['>-', ...lines.map((text) => `    ${text.trimEnd()}`)];
}
