/**
 * When GStreamer refuses a launch line: the same finding with its place in the line and what was meant, where our own
 * reading of the line finds it too; GStreamer's words alone where it does not.
 */
import { TalkError } from '../element/error.js';
import { installed } from '../graph/installed.js';
import { LaunchSyntaxError, parseLaunch } from '../graph/launch-parse.js';
import type { Graph } from '../graph/model.js';
import { GraphError, Problems } from '../graph/problem.js';
import { spot } from '../graph/source.js';
import { validateGraph } from '../graph/validate.js';

/** A launch line as a graph without entries; a dollar in it is a dollar. Syntax errors go to `problems`. */
export function graphOfLine(line: string, problems: Problems): Graph {
  const source = { file: 'launch line', text: line };
  const locate = (start: number, end: number) => spot(source, start, end);
  const graph: Graph = {
    source,
    parameters: new Map(),
    elements: new Map(),
    links: [],
    ends: {},
    parts: new Map(),
  };
  try {
    const chains = parseLaunch(line);
    return {
      ...graph,
      links: [{ text: line, chains, spot: spot(source, 0, line.length), locate, literal: true }],
    };
  } catch (error) {
    if (!(error instanceof LaunchSyntaxError)) throw error;
    problems.add(error.message, locate(error.start, error.end));
    return graph;
  }
}

/**
 * Makes a pipeline of a line by `make`. Bytes that GStreamer's scanner would stop at without a word are refused
 * before; what GStreamer refuses is explained after. `hide` takes secrets out of its words.
 */
export async function launchWithDiagnosis<T>(
  line: string,
  make: () => T,
  hide: (text: string) => string,
): Promise<T> {
  const problems = new Problems();
  const graph = graphOfLine(line, problems);
  // Outside quotes GStreamer takes the first such byte for the end of the line and plays what stood before it.
  const silent = problems.list.find(({ spot: at }) => at && (line.codePointAt(at.start) ?? 0) > 0x7f);
  if (silent) throw new GraphError([silent]);
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    if (problems.none) validateGraph(graph, (await installed()).vocabulary, undefined, problems);
    const told = hide(line) !== line;
    if (problems.none || told) throw new GraphError([{ message: hide(error.message) }]);
    throw new GraphError(problems.list);
  }
}
