/**
 * Parameters of a graph that plays: each is given to those of its elements that take it while they play.
 *
 * A parameter that none of them takes is fixed, as what decides caps is: another value is another session.
 */
import { TalkError } from '../element/error.js';
import { describe } from './catalog.js';
import type { Graph, Scalar } from './model.js';
import { bindValues } from './parameters.js';
import type { Pipeline } from './pipeline.js';
import { GraphError, Problems } from './problem.js';
import { didYouMean } from './similar.js';
import { isTemplate, isWhole } from './template.js';

/** A property that has the value of a parameter. */
interface Use {
  readonly element: string;
  readonly property: string;
}

export class LiveParameters {
  readonly #graph: Graph;
  readonly #pipeline: Pipeline;
  /** By parameter, where it can be changed. */
  readonly #uses = new Map<string, Use[]>();

  constructor(graph: Graph, pipeline: Pipeline) {
    this.#graph = graph;
    this.#pipeline = pipeline;
    for (const { name: element, factory, settings } of graph.elements.values()) {
      for (const { name, value } of settings) {
        if (!isTemplate(value) || !isWhole(value)) continue;
        const parameter = value.names[0]?.name ?? '';
        const property = name.text.replaceAll('_', '-');
        if (!changes(factory.text, property)) continue;
        this.#uses.set(parameter, [...(this.#uses.get(parameter) ?? []), { element, property }]);
      }
    }
  }

  /** Names of those that can be changed. */
  get names(): string[] {
    return [...this.#uses.keys()];
  }

  /**
   * Changes all of them, or none: they are checked first, as at the start.
   * @throws GraphError for a value that does not fit; TalkError core/state-change for a parameter that is fixed
   */
  change(values: Readonly<Record<string, Scalar>>): void {
    for (const name of Object.keys(values)) {
      if (this.#uses.has(name)) continue;
      const there = this.#graph.parameters.has(name)
        ? 'is fixed once the graph plays'
        : 'is none of this graph';
      const names = this.names;
      throw new TalkError(
        'core/state-change',
        `The parameter "${name.slice(0, 80)}" ${there}${didYouMean(name, names) || `; ${names.join(', ')} can be changed`}.`,
      );
    }
    const problems = new Problems();
    // What the others need is not asked for again.
    const parameters = new Map(
      Object.keys(values).flatMap((name) => {
        const parameter = this.#graph.parameters.get(name);
        return parameter === undefined ? [] : [[name, parameter] as const];
      }),
    );
    const bound = bindValues({ ...this.#graph, parameters }, values, problems);
    if (!problems.none) throw new GraphError(problems.list);
    for (const [name, value] of bound)
      for (const { element, property } of this.#uses.get(name) ?? [])
        this.#pipeline.element(element).set(property, value);
  }
}

/** True for a property that an element takes while it plays: it says so, or can be controlled from sample to sample. */
function changes(factory: string, property: string): boolean {
  const found = describe(factory).properties.find(({ name }) => name === property);
  return found?.mutable === 'playing' || found?.controllable === true;
}
