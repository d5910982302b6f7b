/**
 * `talkgraph graph …`: YAML graphs as launch lines, tidy files, pictures and schemas, without playing them.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { bindGraph } from '../graph/bind.js';
import { graphDot } from '../graph/dot.js';
import { findGraph } from '../graph/find.js';
import { installed } from '../graph/installed.js';
import { bindValues } from '../graph/parameters.js';
import { Problems } from '../graph/problem.js';
import { graphSchema, parametersSchema } from '../graph/schema.js';
import { didYouMean } from '../graph/similar.js';
import { validateGraph } from '../graph/validate.js';
import type { Vocabulary } from '../graph/vocabulary.js';
import { yamlFromLaunch } from '../graph/yaml-from-launch.js';
import { printYaml } from '../graph/yaml-print.js';
import { graphOfLine } from './diagnosis.js';
import { EXIT, UsageError } from './exit.js';
import { readGraph, readValues } from './graph-source.js';
import { joinLine } from './launch-options.js';
import { noMoreThan, readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph graph print FILE.yaml [name=value …]        the launch line; secrets are ***
talkgraph graph print --yaml FILE.yaml [--write]      the file in its printed form (--write: in place)
talkgraph graph print --yaml 'LAUNCH LINE'            a launch line as a graph file
talkgraph graph check FILE.yaml [name=value …]        all that is wrong with it, or nothing
talkgraph graph dot FILE.yaml                         its picture, for Graphviz (dot -Tsvg)
talkgraph graph schema [FILE.yaml] [--all]            JSON Schema of graph files, for editors
talkgraph graph schema --parameters FILE.yaml         JSON Schema of what the graph takes

A file that is not found is looked for in the graphs that come with talkgraph.
The schema describes our elements, and those the file uses; --all describes every one installed.
`;

const ACTIONS = { print, check, dot, schema } as const;

/** Runs one action on one graph. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values: options, positionals } = readOptions(args, {
    yaml: { type: 'boolean' },
    write: { type: 'boolean' },
    all: { type: 'boolean' },
    parameters: { type: 'boolean' },
  });
  const [action = '', ...words] = positionals;
  if (!Object.hasOwn(ACTIONS, action)) {
    const names = Object.keys(ACTIONS);
    throw new UsageError(
      action === ''
        ? `say what to do: ${names.join(', ')}`
        : `there is no "graph ${action}"${didYouMean(action, names)}`,
    );
  }
  await ACTIONS[action as keyof typeof ACTIONS](words, options, terminal);
  return EXIT.ok;
}

interface Options {
  readonly yaml?: boolean;
  readonly write?: boolean;
  readonly all?: boolean;
  readonly parameters?: boolean;
}

async function print(words: readonly string[], options: Options, terminal: Terminal): Promise<void> {
  const file = fileOf(words);
  if (options.yaml !== true) {
    const { graph, problems } = await readGraph(file);
    const bound = bindGraph(graph, readValues(words.slice(1)), (await installed()).vocabulary, problems);
    terminal.out(`${bound.shown}\n`);
    return;
  }
  if (!/\.ya?ml$/.test(file)) {
    const line = joinLine(words);
    const problems = new Problems();
    graphOfLine(line, problems);
    problems.throwIfAny();
    terminal.out(yamlFromLaunch(line));
    return;
  }
  noMoreThan(1, words);
  const path = findGraph(file);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  // Read again for its complaint about a missing file, with the names that are there.
  if (text === undefined) return void (await readGraph(file));
  const printed = printYaml({ file, text });
  if (options.write !== true) terminal.out(printed);
  else if (printed !== text) await writeFile(path, printed);
}

async function check(words: readonly string[], _options: Options, _terminal: Terminal): Promise<void> {
  const { graph, problems } = await readGraph(fileOf(words));
  const given = readValues(words.slice(1));
  const values = Object.keys(given).length > 0 ? bindValues(graph, given, problems) : undefined;
  validateGraph(graph, (await installed()).vocabulary, values, problems).throwIfAny();
}

async function dot(words: readonly string[], _options: Options, terminal: Terminal): Promise<void> {
  noMoreThan(1, words);
  const { graph, problems } = await readGraph(fileOf(words));
  const known = (await installed()).vocabulary;
  validateGraph(graph, known, undefined, problems).throwIfAny();
  terminal.out(graphDot(graph, known));
}

async function schema(words: readonly string[], options: Options, terminal: Terminal): Promise<void> {
  noMoreThan(1, words);
  const show = (value: unknown) => terminal.out(`${JSON.stringify(value, null, 2)}\n`);
  if (options.parameters === true) {
    const { graph, problems } = await readGraph(fileOf(words));
    problems.throwIfAny();
    return show(parametersSchema(graph));
  }
  const known = (await installed()).vocabulary;
  if (options.all === true) return show(graphSchema(known));
  const described = new Set((await installed()).declarations.map((one) => one.name));
  if (words[0] !== undefined) for (const name of await factoriesOf(words[0], known)) described.add(name);
  show(graphSchema(known, described));
}

async function factoriesOf(file: string, known: Vocabulary): Promise<string[]> {
  const { graph } = await readGraph(file);
  return [...graph.elements.values()].map((one) => one.factory.text).filter((name) => known.element(name));
}

function fileOf([file]: readonly string[]): string {
  if (file === undefined) throw new UsageError('say which graph: talkgraph graph … FILE.yaml');
  return file;
}
