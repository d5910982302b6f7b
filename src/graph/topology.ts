/**
 * Who is in a graph and who is linked to whom: the entries of `elements` and what the links make in-line, as one list.
 */
import type { Assignment, Chain, ChainNode, Word } from './launch-ast.js';
import type { Ends, Graph, LinkEntry, Named, Setting } from './model.js';
import type { Problems } from './problem.js';
import { didYouMean } from './similar.js';
import type { Spot } from './source.js';
import { parseTemplate } from './template.js';

/** One element, bin or URI of a graph. */
export interface Vertex {
  /** Its name, or a made-up one (`queue#3`) where it has none. */
  readonly id: string;
  readonly kind: 'element' | 'bin' | 'uri';
  readonly factory: Named;
  /** The name it was given, if any. */
  readonly name?: string;
  readonly settings: readonly Setting[];
  /** The bin it is in. */
  readonly parent?: string;
  /** True for entries of `elements`. */
  readonly declared: boolean;
}

/** One side of a link. */
export interface Terminal {
  readonly vertex: string;
  readonly pad?: Named;
  readonly spot: Spot;
}

/** One link, from a src to a sink; a template of caps may stand between. */
export interface Join {
  readonly from: Terminal;
  readonly to: Terminal;
  readonly caps?: CapsFilter;
}

/** The caps between two pads; `locate` finds a stretch of them in the file. */
export interface CapsFilter {
  readonly text: string;
  /** True where a dollar in it is a dollar. */
  readonly literal: boolean;
  locate(start: number, end: number): Spot;
}

/** All of a graph, flat. `used` holds the names that links speak of. */
export interface Topology {
  readonly vertices: ReadonlyMap<string, Vertex>;
  readonly joins: readonly Join[];
  readonly used: ReadonlySet<string>;
}

/** Flattens a graph. Names that lead nowhere and names given twice are complained about. */
export function topologyOf(graph: Graph, problems: Problems): Topology {
  const walker = new Walker(graph, problems);
  for (const element of graph.elements.values()) {
    walker.vertices.set(element.name, { id: element.name, kind: 'element', declared: true, ...element });
  }
  // In-line names may be spoken of before they are made, so all are made first.
  const links = graph.links.map((link) => ({ link, chains: walker.make(link, link.chains) }));
  for (const { link, chains } of links) walker.join(link, chains);
  return walker;
}

/** A chain whose elements have been given ids; names stay to be looked up. */
interface MadeChain {
  readonly chain: Chain;
  readonly nodes: readonly { node: ChainNode; id?: string; inner: readonly MadeChain[] }[];
}

class Walker {
  readonly vertices = new Map<string, Vertex>();
  readonly joins: Join[] = [];
  readonly used = new Set<string>();
  readonly #graph: Graph;
  readonly #problems: Problems;
  #count = 0;

  constructor(graph: Graph, problems: Problems) {
    this.#graph = graph;
    this.#problems = problems;
  }

  make(link: LinkEntry, chains: readonly Chain[], parent?: string): MadeChain[] {
    return chains.map((chain) => ({
      chain,
      nodes: chain.nodes.map((node) => {
        if (node.kind === 'ref') return { node, inner: [] };
        const id = this.#vertex(link, node, parent);
        return { node, id, inner: node.kind === 'bin' ? this.make(link, node.chains, id) : [] };
      }),
    }));
  }

  join(link: LinkEntry, chains: readonly MadeChain[]): void {
    for (const { chain, nodes } of chains) {
      for (const { inner } of nodes) this.join(link, inner);
      chain.links.forEach((joint, i) => {
        const from = this.#terminals(link, nodes[i], joint.srcPads, 'out');
        const to = this.#terminals(link, nodes[i + 1], joint.sinkPads, 'in');
        const caps = joint.caps && capsFilter(link, joint.caps);
        for (let n = 0; n < Math.max(from.length, to.length); n++) {
          const [a, b] = [from[Math.min(n, from.length - 1)], to[Math.min(n, to.length - 1)]];
          if (a && b) this.joins.push({ from: a, to: b, ...(caps && { caps }) });
        }
        if (from.length > 1 && to.length > 1 && from.length !== to.length) {
          const place = link.locate(joint.operator.start, joint.operator.end);
          this.#problems.add(`${from.length} pads cannot be linked to ${to.length}`, place);
        }
      });
    }
  }

  #vertex(link: LinkEntry, node: Exclude<ChainNode, { kind: 'ref' }>, parent?: string): string {
    const word = node.kind === 'uri' ? node.uri : node.factory;
    const settings = node.kind === 'uri' ? [] : node.assignments.map((item) => setting(link, item));
    const given = settings.find((item) => item.name.text === 'name');
    const name = typeof given?.value === 'string' ? given.value : undefined;
    if (given && name !== undefined && this.vertices.has(name)) {
      this.#problems.add(`there is another element named "${name}"`, given.spot);
    }
    if (given && name !== undefined && this.#graph.parts.has(name)) {
      this.#problems.add(`"${name}" is the name of an included part already`, given.spot);
    }
    const id = name !== undefined && !this.vertices.has(name) ? name : `${word.text}#${++this.#count}`;
    this.vertices.set(id, {
      id,
      kind: node.kind,
      factory: named(link, word),
      settings,
      declared: false,
      ...(name !== undefined && { name }),
      ...(parent !== undefined && { parent }),
    });
    return id;
  }

  #terminals(
    link: LinkEntry,
    made: MadeChain['nodes'][number] | undefined,
    pads: readonly Word[],
    side: keyof Ends,
  ): Terminal[] {
    if (made === undefined) return [];
    const words = pads.map((pad) => named(link, pad));
    if (made.node.kind !== 'ref') {
      const word = made.node.kind === 'uri' ? made.node.uri : made.node.factory;
      return terminals(made.id ?? '', link.locate(word.start, word.end), words);
    }
    const { text, spot } = named(link, made.node.name);
    this.used.add(text);
    if (this.vertices.has(text)) return terminals(text, spot, words);
    const end = this.#graph.parts.get(text)?.[side];
    if (end && this.vertices.has(end.element)) {
      this.used.add(end.element);
      const pad = end.pad === undefined ? [] : [{ text: end.pad, spot }];
      return terminals(end.element, spot, words.length > 0 ? words : pad);
    }
    if (!end) this.#unknown(text, spot, side);
    return [];
  }

  #unknown(name: string, spot: Spot, side: keyof Ends): void {
    if (this.#graph.parts.has(name)) {
      this.#problems.add(`the part "${name}" says no "${side}" in its ends`, spot);
      return;
    }
    const names = [...this.vertices.keys(), ...this.#graph.parts.keys()].filter((id) => !id.includes('#'));
    this.#problems.add(`nothing here is named "${name}"${didYouMean(name, names)}`, spot);
  }
}

function terminals(vertex: string, spot: Spot, pads: readonly Named[]): Terminal[] {
  return pads.length === 0 ? [{ vertex, spot }] : pads.map((pad) => ({ vertex, spot, pad }));
}

function capsFilter(link: LinkEntry, { text, start: from }: Word): CapsFilter {
  return {
    text,
    literal: link.literal === true,
    locate: (start, end) => link.locate(from + start, from + end),
  };
}

function named(link: LinkEntry, word: Word): Named {
  return { text: word.text, spot: link.locate(word.start, word.end) };
}

function setting(link: LinkEntry, { name, value }: Assignment): Setting {
  const place = link.locate(value.start, value.end);
  return {
    name: named(link, name),
    value: link.literal ? value.text : parseTemplate(value.text),
    text: value.text,
    spot: place,
    locate: () => place,
  };
}
