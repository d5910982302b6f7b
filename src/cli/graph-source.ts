/**
 * The graph a command speaks of: a YAML file, here or among those that come with talkgraph, or a launch line.
 */
import { findGraph } from '../graph/find.js';
import { loadGraph } from '../graph/load.js';
import type { Graph, Scalar } from '../graph/model.js';
import { Problems } from '../graph/problem.js';
import { UsageError } from './exit.js';

/** Reads a graph file; shape errors are collected in `problems`, so that others can join them. */
export async function readGraph(path: string): Promise<{ graph: Graph; problems: Problems }> {
  const problems = new Problems();
  return { graph: await loadGraph(findGraph(path), problems), problems };
}

/** `name=value` words as values. Throws UsageError for anything else. */
export function readValues(words: readonly string[]): Record<string, Scalar> {
  const values: Record<string, Scalar> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) {
      throw new UsageError(
        `"${word}" is no parameter: a graph file takes name=value`,
        'For example: text="Hello"',
      );
    }
    const name = word.slice(0, equals);
    if (Object.hasOwn(values, name)) throw new UsageError(`${name} is given twice`);
    values[name] = word.slice(equals + 1);
  }
  return values;
}
