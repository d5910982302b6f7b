/**
 * Graph files: YAML text to a GraphFile, with everything that is wrong in its shape collected.
 *
 * Nothing is looked up here: whether an element exists and a value fits is asked by `validate.ts`.
 */
import { type Document, isMap, isScalar, type Node, parseDocument } from 'yaml';
import type { Chain } from './launch-ast.js';
import { LaunchSyntaxError, parseLaunch } from './launch-parse.js';
import {
  type ElementEntry,
  type Ends,
  type GraphFile,
  type LinkEntry,
  NAME,
  type Setting,
  SIDES,
} from './model.js';
import { Problems } from './problem.js';
import { mapScalar } from './scalar-map.js';
import { type Source, type Spot, spot } from './source.js';
import { parseTemplate } from './template.js';
import { type Entry, NodeReader } from './yaml-nodes.js';
import { readParameters } from './yaml-parameters.js';

/** The sections of a graph file, in the order they are printed in. */
export const SECTIONS = ['parameters', 'include', 'elements', 'links', 'ends'] as const;

/** YAML to nodes, the same way for reading and printing. */
export function parseYaml(text: string): Document.Parsed {
  return parseDocument(text, { intAsBigInt: true, prettyErrors: false, strict: true, version: '1.2' });
}

/** Reads one file. What is wrong goes to `problems`; what could be read is answered all the same. */
export function readGraphFile(source: Source, problems: Problems = new Problems()): GraphFile {
  const document = parseYaml(source.text);
  for (const error of document.errors.slice(0, 1).concat(document.errors.slice(1).filter(standsAlone))) {
    problems.add(yamlSentence(error.code, error.message), spot(source, error.pos[0], error.pos[1]));
  }
  // Nobody knows what a file means that is no YAML: complaints about names in it would only lead astray.
  if (!document.errors.every(standsAlone)) problems.throwIfAny();
  const reader = new NodeReader(source, problems);
  const sections = new Map<string, Node | undefined>();
  for (const entry of reader.map(document.contents, 'a graph file')) {
    if (SECTIONS.some((name) => name === entry.key.text)) sections.set(entry.key.text, entry.value);
    else reader.unknownKey(entry, 'a graph file', SECTIONS);
  }
  return {
    source,
    parameters: readParameters(reader, sections.get('parameters')),
    include: reader.list(sections.get('include'), '"include"').flatMap((node) => {
      const entry = listEntry(reader, node);
      const text = reader.text(entry, 'a file to include');
      return text === undefined ? [] : [{ text, spot: entry.spot }];
    }),
    elements: reader
      .map(sections.get('elements'), '"elements"')
      .flatMap((entry) => readElement(reader, entry) ?? []),
    links: reader.list(sections.get('links'), '"links"').flatMap((node) => readLink(reader, node) ?? []),
    ends: readEnds(reader, sections.get('ends')),
  };
}

function listEntry(reader: NodeReader, node: Node): Entry {
  const place = reader.spotOf(node);
  return { key: { text: '', spot: place }, value: node, spot: place };
}

function readElement(reader: NodeReader, { key, value, spot: place }: Entry): ElementEntry | undefined {
  const name = key.text;
  if (!NAME.test(name)) {
    reader.problems.add(
      `"${name}" cannot name an element: letters, digits, "-" and "_", a letter first`,
      key.spot,
    );
    return undefined;
  }
  if (isScalar(value) && typeof value.value === 'string') {
    // `mix: pastebackmix` is short for an element without settings.
    return { name, spot: key.spot, factory: { text: value.value, spot: place }, settings: [] };
  }
  let factory: ElementEntry['factory'] | undefined;
  const settings: Setting[] = [];
  for (const entry of reader.map(value, `element "${name}"`)) {
    const label = `"${entry.key.text}" of element "${name}"`;
    if (entry.key.text === 'factory') {
      const text = reader.text(entry, label);
      if (text !== undefined) factory = { text, spot: entry.spot };
    } else if (entry.key.text === 'name') {
      reader.problems.add(`element "${name}" is named by its key`, entry.key.spot);
    } else {
      const scalar = reader.scalar(entry, label);
      if (!scalar) continue;
      const parsed = typeof scalar.value === 'string' ? parseTemplate(scalar.value) : scalar.value;
      const locate = locator(reader.source, scalar.spot, scalar.text);
      settings.push({ name: entry.key, value: parsed, text: scalar.text, spot: scalar.spot, locate });
    }
  }
  if (factory === undefined) {
    const known = reader.problems.list.some(
      (p) => p.spot?.source === reader.source && p.spot.start === place.start,
    );
    if (!known) reader.problems.add(`element "${name}" needs a factory: { factory: … }`, key.spot);
    return undefined;
  }
  return { name, spot: key.spot, factory, settings };
}

function readLink(reader: NodeReader, node: Node): LinkEntry | undefined {
  const entry = listEntry(reader, node);
  if (isMap(node)) {
    reader.problems.add('a link must be a text: put it in quotes, YAML takes a colon for a map', entry.spot);
    return undefined;
  }
  const text = reader.text(entry, 'a link');
  if (text === undefined) return undefined;
  const place = entry.spot;
  const locate = locator(reader.source, place, text);
  let chains: Chain[] = [];
  try {
    chains = parseLaunch(text, { namesInside: true });
    if (chains.length === 0) reader.problems.add('a link is empty', place);
  } catch (error) {
    if (!(error instanceof LaunchSyntaxError)) throw error;
    reader.problems.add(error.message, locate(error.start, error.end));
  }
  return { text, chains, spot: place, locate };
}

/** Turns stretches of a scalar's text into places of its file. */
function locator(source: Source, place: Spot, text: string): (start: number, end: number) => Spot {
  let map: number[] | undefined;
  return (start, end) => {
    map ??= mapScalar(source.text, place.start, place.end, text);
    const from = map[start] ?? place.start;
    return spot(source, from, Math.max(from + 1, (map[Math.max(end - 1, 0)] ?? from) + 1));
  };
}

function readEnds(reader: NodeReader, node: Node | undefined): Ends {
  const ends: { -readonly [side in keyof Ends]: Ends[side] } = {};
  for (const entry of reader.map(node, '"ends"')) {
    const side = SIDES.find((one) => one === entry.key.text);
    if (side === undefined) {
      reader.unknownKey(entry, '"ends"', SIDES);
      continue;
    }
    const text = reader.text(entry, `"${side}" of "ends"`);
    if (text === undefined) continue;
    const [element = '', pad] = text.split('.', 2);
    ends[side] = pad ? { element, pad, spot: entry.spot } : { element, spot: entry.spot };
  }
  return ends;
}

/** True for a mistake that leaves the rest of the file readable; behind any other, more of them follow from the first. */
function standsAlone({ code }: { code: string }): boolean {
  return code === 'DUPLICATE_KEY' || code === 'MULTIPLE_DOCS';
}

/** The YAML reader's complaints in our words where its own would puzzle. */
function yamlSentence(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this name stands here twice';
  if (code === 'TAB_AS_INDENT') return 'YAML is indented by blanks, not tabs';
  if (code === 'MULTIPLE_DOCS') return 'a graph file is one document: nothing may follow behind "---"';
  if (code === 'RESOURCE_EXHAUSTION') return 'this is nested too deeply';
  const missing = / end with an? (\S)$/.exec(message)?.[1];
  if (missing !== undefined)
    return `a bracket is not closed: "${missing}" is missing here, or a blank before it`;
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '');
}
