/**
 * A graph file as a pipeline: read, checked, bound and launched, with its ends in hand.
 */
import { TalkError } from '../element/error.js';
import { bindGraph, redact } from './bind.js';
import { findGraph } from './find.js';
import type { ElementHandle } from './handle.js';
import { installed } from './installed.js';
import { LiveParameters } from './live.js';
import { loadGraph, type ReadText } from './load.js';
import type { Ends, Scalar } from './model.js';
import { SIDES } from './model.js';
import { type LaunchOptions, Pipeline } from './pipeline.js';
import { Problems } from './problem.js';

/** A launched graph. It is not playing yet. */
export interface OpenGraph {
  readonly pipeline: Pipeline;
  /** The elements that the graph names as its ends. */
  readonly ends: { readonly [side in keyof Ends]?: ElementHandle };
  /** Its parameters while it plays. */
  readonly live: LiveParameters;
  /** The launch line for logs: secrets are `***`. */
  readonly shown: string;
}

/**
 * Opens a graph file with values for its parameters. Throws a GraphError with everything that is wrong with the file
 * or the values, or the TalkError of GStreamer's parser, without the graph's secrets.
 */
export async function openGraph(
  path: string,
  values: Readonly<Record<string, Scalar>> = {},
  { read, ...options }: LaunchOptions & { readonly read?: ReadText } = {},
): Promise<OpenGraph> {
  const { vocabulary } = await installed();
  const problems = new Problems();
  const graph = await loadGraph(findGraph(path), problems, read);
  const { line, shown, secrets } = bindGraph(graph, values, vocabulary, problems);
  const pipeline = launch(line, options, secrets);
  const ends = SIDES.flatMap((side) => {
    const end = graph.ends[side];
    return end === undefined ? [] : [[side, pipeline.element(end.element)] as const];
  });
  return { pipeline, shown, live: new LiveParameters(graph, pipeline), ends: Object.fromEntries(ends) };
}

function launch(line: string, options: LaunchOptions, secrets: readonly string[]): Pipeline {
  try {
    return Pipeline.launch(line, options);
  } catch (error) {
    if (secrets.length === 0 || !(error instanceof TalkError)) throw error;
    const { code, element, details, retryable } = error;
    throw new TalkError(code, redact(error.message, secrets), { element, details, retryable });
  }
}
