/**
 * Is a graph right? Everything that can be known before GStreamer sees it: names, elements, properties, values, pads.
 *
 * All complaints are collected, each with its place; GStreamer would stop at the first and know no line.
 */
import type { Graph, Scalar, Setting } from './model.js';
import { SIDES } from './model.js';
import type { Values } from './parameters.js';
import { Problems } from './problem.js';
import { checkProperty, fillCaps } from './property-value.js';
import { didYouMean } from './similar.js';
import { type Spot, spot } from './source.js';
import { fillTemplate, isTemplate, isWhole, parseTemplate } from './template.js';
import { type Join, type Topology, topologyOf, type Vertex } from './topology.js';
import { checkPads } from './validate-pads.js';
import { type ElementInfo, findPad, findProperty, type PropertyInfo, type Vocabulary } from './vocabulary.js';

/**
 * Collects everything wrong with a graph. With `values` (see `bindValues`) every value is checked; without, only
 * those that do not hang on a parameter without default.
 */
export function validateGraph(
  graph: Graph,
  vocabulary: Vocabulary,
  values?: Values,
  problems: Problems = new Problems(),
): Problems {
  const topology = topologyOf(graph, problems);
  const check = new Check(graph, vocabulary, topology, values, problems);
  for (const vertex of topology.vertices.values()) check.vertex(vertex);
  for (const join of topology.joins) check.join(join);
  checkPads(topology, vocabulary, problems);
  check.unused();
  check.ends();
  if (topology.vertices.size === 0 && problems.none) {
    problems.add('there is no element in this graph', spot(graph.source, 0));
  }
  return problems;
}

class Check {
  readonly #graph: Graph;
  readonly #vocabulary: Vocabulary;
  readonly #topology: Topology;
  readonly #values: Values | undefined;
  readonly #problems: Problems;
  readonly #usedParameters = new Set<string>();

  constructor(
    graph: Graph,
    vocabulary: Vocabulary,
    topology: Topology,
    values: Values | undefined,
    problems: Problems,
  ) {
    this.#graph = graph;
    this.#vocabulary = vocabulary;
    this.#topology = topology;
    this.#values = values;
    this.#problems = problems;
  }

  vertex({ factory, settings, kind }: Vertex): void {
    if (kind === 'uri') return;
    const info = this.#vocabulary.element(factory.text);
    if (info === undefined) {
      const why = this.#vocabulary.whyNot?.(factory.text);
      const hint = didYouMean(factory.text, this.#vocabulary.names());
      this.#problems.add(why ?? `there is no element "${factory.text}"${hint}`, factory.spot);
    }
    const given = new Set<string>();
    for (const item of settings) {
      const name = item.name.text.replaceAll('_', '-');
      if (given.has(name)) this.#problems.add(`"${name}" is given twice`, item.name.spot);
      given.add(name);
      this.#setting(info, item);
    }
  }

  #setting(info: ElementInfo | undefined, item: Setting): void {
    const value = this.#value(item);
    // `sink_0::alpha` belongs to a child that does not exist yet.
    if (info === undefined || item.name.text.includes('::')) return;
    const property = findProperty(info, item.name.text);
    if (property === undefined) {
      const hint = didYouMean(item.name.text, info.properties.keys());
      this.#problems.add(`${info.name} has no property "${item.name.text}"${hint}`, item.name.spot);
    } else if (!property.writable) {
      this.#problems.add(`"${property.name}" of ${info.name} can only be read`, item.name.spot);
    } else if (value !== undefined) {
      this.#checkValue(info, property, item, value);
    }
  }

  #checkValue(info: ElementInfo, property: PropertyInfo, item: Setting, value: Scalar): void {
    const isCaps = property.type === 'caps' && typeof value === 'string';
    const wrong = isCaps ? this.#vocabulary.capsProblem?.(value) : checkProperty(property, value);
    if (wrong === undefined) return;
    // A value that came by a parameter is shown: the file does not have it. Secrets never are.
    const shown = isTemplate(item.value) && !this.#secret(property, item) ? `, not "${String(value)}"` : '';
    this.#problems.add(`"${property.name}" of ${info.name} ${wrong}${shown}`, item.spot);
  }

  #secret(property: PropertyInfo, item: Setting): boolean {
    if (property.secret) return true;
    return (
      isTemplate(item.value) && item.value.names.some((use) => this.#graph.parameters.get(use.name)?.secret)
    );
  }

  /** The value a setting has, or undefined while it is not known (or is left unset by its parameter). */
  #value({ value, locate }: Setting): Scalar | undefined {
    if (!isTemplate(value)) return value;
    for (const use of value.names) this.parameter(use.name, () => locate(use.start, use.end));
    const known = value.names.map(({ name }) => this.#valueOf(name));
    const first = value.names[0];
    if (isWhole(value) && first) return known[0] ?? undefined;
    const unset = value.names.find((_, i) => known[i] === null);
    if (unset) this.#problems.add(`"${unset.name}" has no value here`, locate(unset.start, unset.end));
    if (known.some((one) => one === undefined || one === null)) return undefined;
    return fillTemplate(value, (name) => String(this.#valueOf(name)));
  }

  #valueOf(name: string): Scalar | undefined {
    return this.#values?.get(name) ?? this.#graph.parameters.get(name)?.default;
  }

  /** Notes the use of a parameter and complains when there is none of that name. */
  parameter(name: string, spot: () => Spot): void {
    this.#usedParameters.add(name);
    const { parameters } = this.#graph;
    if (parameters.has(name)) return;
    this.#problems.add(`there is no parameter "${name}"${didYouMean(name, parameters.keys())}`, spot());
  }

  join({ caps }: Join): void {
    if (caps === undefined) return;
    const template = caps.literal ? caps.text : parseTemplate(caps.text);
    if (isTemplate(template)) {
      for (const use of template.names) this.parameter(use.name, () => caps.locate(use.start, use.end));
    }
    const text = caps.literal ? caps.text : fillCaps(caps.text, (name) => this.#valueOf(name));
    const wrong = text === undefined ? undefined : this.#vocabulary.capsProblem?.(text);
    if (wrong !== undefined) {
      const shown = text === caps.text ? '' : ` (${text})`;
      this.#problems.add(`this filter ${wrong}${shown}`, caps.locate(0, caps.text.length));
    }
  }

  unused(): void {
    for (const vertex of this.#topology.vertices.values()) {
      if (!vertex.declared || this.#topology.used.has(vertex.id)) continue;
      const info = this.#vocabulary.element(vertex.factory.text);
      if (info === undefined || info.pads.length === 0) continue;
      const place = this.#graph.elements.get(vertex.id)?.spot;
      this.#problems.add(`element "${vertex.id}" is in no link`, place);
    }
    for (const { name, spot } of this.#graph.parameters.values()) {
      if (!this.#usedParameters.has(name)) this.#problems.add(`parameter "${name}" is used nowhere`, spot);
    }
  }

  ends(): void {
    for (const ends of [this.#graph.ends, ...this.#graph.parts.values()]) {
      for (const side of SIDES) {
        const end = ends[side];
        if (end === undefined) continue;
        const vertex = this.#topology.vertices.get(end.element);
        if (vertex === undefined) {
          const names = [...this.#topology.vertices.values()].flatMap((one) => one.name ?? []);
          this.#problems.add(
            `nothing here is named "${end.element}"${didYouMean(end.element, names)}`,
            end.spot,
          );
          continue;
        }
        const info = vertex.kind === 'element' ? this.#vocabulary.element(vertex.factory.text) : undefined;
        const fits = (['sink', 'src'] as const).some((way) => info && findPad(info, way, end.pad ?? ''));
        if (info && end.pad !== undefined && !fits) {
          this.#problems.add(`${info.name} has no pad "${end.pad}"`, end.spot);
        }
      }
    }
  }
}
