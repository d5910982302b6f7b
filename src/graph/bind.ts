/**
 * A graph with its parameters bound, as one launch line for GStreamer's own parser.
 */
import {
  type Assignment,
  type Chain,
  type ChainLink,
  type ChainNode,
  unchained,
  type Word,
} from './launch-ast.js';
import { printChain } from './launch-print.js';
import { writeValue } from './launch-text.js';
import type { Ends, Graph, Scalar, Setting } from './model.js';
import { bindValues, type Values } from './parameters.js';
import { Problems } from './problem.js';
import { fillCaps, serializeProperty } from './property-value.js';
import { fillTemplate, isTemplate, isWhole, parseTemplate } from './template.js';
import { validateGraph } from './validate.js';
import { findProperty, type PropertyInfo, type Vocabulary } from './vocabulary.js';

/** A launch line in two forms. */
export interface BoundGraph {
  /** For the parser: everything in it. */
  readonly line: string;
  /** For people and logs: secrets are `***`. */
  readonly shown: string;
  /** The secrets in `line`, to keep them out of error texts (see `redact`). */
  readonly secrets: readonly string[];
}

const HIDDEN = '***';

/**
 * Checks a graph and prints it as one launch line. Throws one GraphError with everything that is wrong, the
 * shape errors in `problems` (from `loadGraph`) included.
 */
export function bindGraph(
  graph: Graph,
  given: Readonly<Record<string, Scalar>>,
  vocabulary: Vocabulary,
  problems: Problems = new Problems(),
): BoundGraph {
  const values = bindValues(graph, given, problems);
  validateGraph(graph, vocabulary, values, problems);
  problems.throwIfAny();
  const hidden = [...graph.parameters.values()].filter((one) => one.secret);
  const secrets = new Set(hidden.map((one) => String(values.get(one.name) ?? '')));
  const line = new Printer(graph, values, vocabulary, secrets, false).print();
  const shown = new Printer(graph, values, vocabulary, secrets, true).print();
  // Longest first: one secret may be a piece of another.
  const found = [...secrets].filter((text) => text !== '').sort((a, b) => b.length - a.length);
  return { line, shown, secrets: found };
}

/** Takes secrets out of a text that is going to be shown. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((out, secret) => out.replaceAll(secret, HIDDEN), text);
}

class Printer {
  readonly #graph: Graph;
  readonly #values: Values;
  readonly #vocabulary: Vocabulary;
  readonly #secrets: Set<string>;
  readonly #hide: boolean;

  constructor(graph: Graph, values: Values, vocabulary: Vocabulary, secrets: Set<string>, hide: boolean) {
    this.#graph = graph;
    this.#values = values;
    this.#vocabulary = vocabulary;
    this.#secrets = secrets;
    this.#hide = hide;
  }

  print(): string {
    const elements = [...this.#graph.elements.values()].map(({ name, factory, settings }) =>
      [factory.text, `name=${name}`, ...settings.flatMap((item) => this.#setting(factory.text, item))].join(
        ' ',
      ),
    );
    const links = this.#graph.links.flatMap((link) => this.#chains(link.chains).map(printChain));
    return [...elements, ...links].join('  ');
  }

  /** ` name=value` of an entry of `elements`; nothing when its parameter is unset. */
  #setting(factory: string, { name, value, text }: Setting): string[] {
    const property = this.#property(factory, name.text);
    const filled = isTemplate(value) ? this.#fill(value) : value;
    if (filled === null) return [];
    const written = serializeProperty(property, filled, isTemplate(value) ? undefined : text);
    const label = property?.name ?? name.text;
    return [`${label}=${writeValue(this.#guard(property, value, String(filled), written))}`];
  }

  /** The same for `name=value` in a link, whose text GStreamer would have deserialized as it stands. */
  #assignment(factory: string, item: Assignment): Assignment[] {
    const property = this.#property(factory, item.name.text);
    const value = parseTemplate(item.value.text);
    const filled = isTemplate(value) ? this.#fill(value) : value;
    if (filled === null) return [];
    const written = isTemplate(value) ? serializeProperty(property, filled) : value;
    const text = this.#guard(property, value, String(filled), written);
    return [{ ...item, value: { ...item.value, text } }];
  }

  #property(factory: string, name: string): PropertyInfo | undefined {
    const info = this.#vocabulary.element(factory);
    return info && findProperty(info, name);
  }

  /** Notes a secret, and hides it where the line is for people. */
  #guard(
    property: PropertyInfo | undefined,
    value: Setting['value'],
    plain: string,
    written: string,
  ): string {
    const byParameter =
      isTemplate(value) && value.names.some((use) => this.#graph.parameters.get(use.name)?.secret === true);
    if (!byParameter && property?.secret !== true) return written;
    this.#secrets.add(plain);
    return this.#hide ? HIDDEN : written;
  }

  #fill(template: Exclude<Setting['value'], Scalar>): Scalar {
    const [first] = template.names;
    if (isWhole(template) && first) return this.#values.get(first.name) ?? null;
    return fillTemplate(template, (name) => String(this.#values.get(name) ?? ''));
  }

  #chains(chains: readonly Chain[]): Chain[] {
    return chains.flatMap(unchained).map(({ nodes, links }) => ({
      nodes: nodes.map((node, i) => this.#node(node, i === 0 ? 'out' : 'in')),
      links: links.map((link, i) => this.#link(link, nodes[i], nodes[i + 1])),
    }));
  }

  #node(node: ChainNode, side: keyof Ends): ChainNode {
    switch (node.kind) {
      case 'ref': {
        const end = this.#partEnd(node, side);
        return end ? { ...node, name: { ...node.name, text: end.element } } : node;
      }
      case 'bin':
        return {
          ...node,
          assignments: node.assignments.flatMap((item) => this.#assignment(node.factory.text, item)),
          chains: this.#chains(node.chains),
        };
      case 'element':
        return {
          ...node,
          assignments: node.assignments.flatMap((item) => this.#assignment(node.factory.text, item)),
        };
      default:
        return node;
    }
  }

  #link(link: ChainLink, from: ChainNode | undefined, to: ChainNode | undefined): ChainLink {
    const caps = link.caps && {
      ...link.caps,
      text: fillCaps(link.caps.text, (name) => this.#values.get(name) ?? '') ?? '',
    };
    const pads = (given: readonly Word[], end: string | undefined) =>
      given.length > 0 || end === undefined ? given : [{ text: end, start: 0, end: 0 }];
    return {
      ...link,
      ...(caps && { caps }),
      srcPads: pads(link.srcPads, from && this.#partEnd(from, 'out')?.pad),
      sinkPads: pads(link.sinkPads, to && this.#partEnd(to, 'in')?.pad),
    };
  }

  #partEnd(node: ChainNode, side: keyof Ends): Ends[keyof Ends] {
    if (node.kind !== 'ref' || this.#graph.elements.has(node.name.text)) return undefined;
    return this.#graph.parts.get(node.name.text)?.[side];
  }
}
