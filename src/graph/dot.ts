/**
 * A graph as a picture (Graphviz DOT), from its file alone: nothing is created, and no secret is in it.
 *
 * The picture of a running pipeline, with negotiated caps, is `Pipeline.dot`.
 */
import type { Graph, Setting } from './model.js';
import { Problems } from './problem.js';
import { isTemplate, printTemplate } from './template.js';
import { type Terminal, type Topology, topologyOf, type Vertex } from './topology.js';
import { findProperty, type Vocabulary } from './vocabulary.js';

/** Draws a graph: elements as boxes with their settings, links with pads and caps, bins as frames, ends as circles. */
export function graphDot(graph: Graph, vocabulary: Vocabulary): string {
  const topology = topologyOf(graph, new Problems());
  const lines = [
    `digraph ${quote(graph.source.file)} {`,
    '  rankdir=LR;',
    '  fontname="sans"; node [fontname="sans", fontsize=10, shape=box, style="rounded,filled", fillcolor="#f4f1ea"];',
    '  edge [fontname="sans", fontsize=8];',
    ...draw(topology, vocabulary, graph, undefined, '  '),
  ];
  for (const { from, to, caps } of topology.joins) {
    const attributes = [
      ...(from.pad ? [`taillabel=${quote(from.pad.text)}`] : []),
      ...(to.pad ? [`headlabel=${quote(to.pad.text)}`] : []),
      ...(caps ? [`label=${quote(caps.text)}`] : []),
    ];
    const edge = `  ${port(from, topology, 'last')} -> ${port(to, topology, 'first')}`;
    lines.push(attributes.length > 0 ? `${edge} [${attributes.join(', ')}];` : `${edge};`);
  }
  for (const [side, end] of Object.entries(graph.ends)) {
    const node = quote(`ends.${side}`);
    lines.push(`  ${node} [label=${quote(side)}, shape=circle, fillcolor="#ffffff"];`);
    lines.push(
      side !== 'out'
        ? `  ${node} -> ${quote(end.element)} [style=dashed];`
        : `  ${quote(end.element)} -> ${node} [style=dashed];`,
    );
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

function draw(
  topology: Topology,
  vocabulary: Vocabulary,
  graph: Graph,
  parent: string | undefined,
  indent: string,
): string[] {
  return [...topology.vertices.values()]
    .filter((vertex) => vertex.parent === parent)
    .flatMap((vertex) => {
      const text = quote(label(vertex, vocabulary, graph));
      if (vertex.kind !== 'bin') return [`${indent}${quote(vertex.id)} [label=${text}];`];
      const inner = draw(topology, vocabulary, graph, vertex.id, `${indent}  `);
      return [
        `${indent}subgraph ${quote(`cluster ${vertex.id}`)} {`,
        `${indent}  label=${text};`,
        ...inner,
        `${indent}}`,
      ];
    });
}

/** A bin cannot be an end of an edge: its first element stands for it where something flows in, its last where out. */
function port({ vertex }: Terminal, { vertices }: Topology, which: 'first' | 'last'): string {
  if (vertices.get(vertex)?.kind !== 'bin') return quote(vertex);
  const inner = [...vertices.values()].filter((one) => one.parent === vertex && one.kind !== 'bin');
  return quote(inner.at(which === 'first' ? 0 : -1)?.id ?? vertex);
}

function label(vertex: Vertex, vocabulary: Vocabulary, graph: Graph): string {
  const { name, factory, settings } = vertex;
  const title = name === undefined || name === factory.text ? factory.text : `${name}\n${factory.text}`;
  const rest = settings
    .filter((item) => item.name.text !== 'name')
    .map((item) => `${item.name.text}=${shown(factory.text, item, vocabulary, graph)}`);
  return [title, ...rest].join('\n');
}

function shown(
  factory: string,
  { name, value, text }: Setting,
  vocabulary: Vocabulary,
  graph: Graph,
): string {
  const info = vocabulary.element(factory);
  const secret = info && findProperty(info, name.text)?.secret;
  if (secret) return '***';
  const plain = isTemplate(value) ? printTemplate(value) : text;
  const hidden = isTemplate(value) && value.names.some((use) => graph.parameters.get(use.name)?.secret);
  if (hidden) return '***';
  return plain.length > 40 ? `${plain.slice(0, 39)}…` : plain;
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
