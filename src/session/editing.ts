/** Graphs as somebody edits them: their texts, what is wrong with one, its drawing, and what may stand in it. */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { TalkError } from '../element/index.js';
import { installed } from '../graph/installed.js';
import { loadGraph, type ReadText } from '../graph/load.js';
import { GraphError, type ProblemReport, Problems, reportProblem } from '../graph/problem.js';
import { topologyOf } from '../graph/topology.js';
import { validateGraph } from '../graph/validate.js';
import type { PropertyInfo } from '../graph/vocabulary.js';
import { graphsFolder, listGraphs } from './catalogue.js';
import type { SessionSettings } from './session.js';

/** What a text without a file is called; it stands beside the graphs, so that it can include their parts. */
const EDITED = 'edited.yaml';

/** What is known of a text: everything that is wrong with it, and its picture as far as it has one. */
export interface Check {
  readonly problems: readonly ProblemReport[];
  readonly elements: readonly { readonly name: string; readonly factory: string; readonly ours: boolean }[];
  readonly links: readonly {
    readonly from: string;
    readonly fromPad: string;
    readonly to: string;
    readonly toPad: string;
    readonly caps: string;
  }[];
}

/** The text of one of `listGraphs`. Throws TalkError resource/not-found. */
export async function graphText(name: string): Promise<string> {
  if (!(await listGraphs()).some((one) => one.name === name))
    throw new TalkError('resource/not-found', `There is no graph "${name.slice(0, 80)}".`);
  return await readFile(join(graphsFolder(), `${name}.yaml`), 'utf8');
}

/** Settings for a session of a text. Its parameters are bound as those of a file. */
export function settingsOf(text: string): SessionSettings {
  return { graph: join(graphsFolder(), EDITED), parameters: {}, read: readerOf(text) };
}

/** Reads a text and says all that is wrong with it; nothing is made of it. */
export async function checkText(written: string): Promise<Check> {
  const problems = new Problems();
  const { vocabulary, declarations } = await installed();
  const ours = new Set(declarations.map(({ name }) => name));
  try {
    const graph = await loadGraph(join(graphsFolder(), EDITED), problems, readerOf(written));
    validateGraph(graph, vocabulary, undefined, problems);
    const { vertices, joins } = topologyOf(graph, new Problems());
    return {
      problems: problems.list.map(reported),
      elements: [...vertices.values()]
        .filter(({ parent }) => parent === undefined)
        .map(({ id, factory: { text: factory } }) => ({ name: id, factory, ours: ours.has(factory) })),
      links: joins.map(({ from, to, caps }) => ({
        ...{ from: from.vertex, fromPad: from.pad?.text ?? '', to: to.vertex, toPad: to.pad?.text ?? '' },
        caps: caps?.text ?? '',
      })),
    };
  } catch (error) {
    // A text that is no YAML at all.
    if (error instanceof GraphError)
      return { problems: error.problems.map(reported), elements: [], links: [] };
    throw error;
  }
}

/** Every element that a graph may name here; ours first. */
export async function listElements(): Promise<{ name: string; blurb: string; ours: boolean }[]> {
  const { declarations, vocabulary } = await installed();
  const ours = new Set(declarations.map(({ name }) => name));
  const known = declarations.map(({ name }) => ({
    ...{ name, ours: true },
    blurb: vocabulary.element(name)?.blurb ?? '',
  }));
  // What the others do is told by their properties' request: reading all of GStreamer takes seconds.
  const others = [...vocabulary.names()].filter((name) => !ours.has(name)).sort();
  return [...known, ...others.map((name) => ({ name, blurb: '', ours: false }))];
}

/** One element and what can be set in it. Throws TalkError resource/not-found. */
export async function elementProperties(
  name: string,
): Promise<{ name: string; blurb: string; properties: Pick<PropertyInfo, 'name' | 'type' | 'blurb'>[] }> {
  const found = (await installed()).vocabulary.element(name);
  if (found === undefined)
    throw new TalkError('resource/not-found', `There is no element "${name.slice(0, 80)}" here.`);
  const settable = [...found.properties.values()].filter(
    (one) => one.writable && one.name !== 'name' && one.name !== 'parent',
  );
  return {
    ...{ name, blurb: found.blurb },
    properties: settable.map(({ name: called, type, blurb, unit, values }) => ({
      ...{ name: called, type, blurb },
      ...(unit !== undefined && { unit }),
      ...(values !== undefined && { values: [...values] }),
    })),
  };
}

/** The text in the place of its file, and files of the folder of graphs; whatever lies elsewhere is not even looked for. */
function readerOf(text: string): ReadText {
  const folder = resolve(graphsFolder());
  return async (path) => {
    const file = resolve(path);
    if (file === join(folder, EDITED)) return text;
    if (!file.startsWith(folder + sep)) throw new Error('only files of the folder of graphs can be included');
    return await readFile(file, 'utf8');
  };
}

/** Places in the text itself have no file; of a part its name is told, not where it lies. */
function reported(problem: Parameters<typeof reportProblem>[0]): ProblemReport {
  const { file, message, ...report } = reportProblem(problem);
  const name = basename(file ?? EDITED);
  return {
    message: message.replaceAll(resolve(graphsFolder()) + sep, ''),
    ...report,
    ...(name !== EDITED && { file: name }),
  };
}
