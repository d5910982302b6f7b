/** Graphs that sessions may be made of by those who ask over the network, and what they may set in them. */
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TalkError } from '../element/index.js';
import { PACKAGE } from '../graph/find.js';
import { loadGraph } from '../graph/load.js';
import { GraphError } from '../graph/problem.js';
import { didYouMean } from '../graph/similar.js';

export interface GraphInfo {
  readonly name: string;
  /** The first line of its file. */
  readonly blurb: string;
  readonly parameters: readonly ParameterInfo[];
}

export interface ParameterInfo {
  readonly name: string;
  readonly type: string;
  readonly blurb?: string;
  readonly default?: string | number | boolean | null;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
}

/** A graph's name is one word: it leads to no other folder. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Parameters that anybody may set. The others name files, addresses, devices and ports of this machine, and are for
 * those who write its graphs.
 */
const OPEN = new Set(
  'avatar model voice text lead rate drive fade width height bitrate history temperature max-tokens system-prompt apology first-token stall muted volume'.split(
    ' ',
  ),
);

/** Where they lie: `TALKGRAPH_GRAPHS`, or the folder that comes with talkgraph. */
export function graphsFolder(): string {
  const given = process.env['TALKGRAPH_GRAPHS'] ?? '';
  return given === '' ? join(PACKAGE, 'graphs') : resolve(given);
}

/** The last list, and the files as they were then. */
let listed: { readonly state: string; readonly graphs: Promise<readonly GraphInfo[]> } | undefined;

/** All that can be controlled, by name; one that cannot be read is left out. Read again when a file has changed: it takes 70 ms of the one thread. */
export async function listGraphs(): Promise<readonly GraphInfo[]> {
  const folder = graphsFolder();
  // With the parts that they include.
  const within = await Promise.all(
    ['', 'parts'].map(async (part) =>
      (await readdir(join(folder, part)).catch(() => [])).map((file) => join(part, file)),
    ),
  );
  const yaml = within.flat().filter((file) => file.endsWith('.yaml'));
  const facts = yaml.map(async (file) => {
    const found = await stat(join(folder, file)).catch(() => undefined);
    return [file, found?.mtimeMs, found?.size];
  });
  const state = JSON.stringify([folder, await Promise.all(facts)]);
  if (listed?.state !== state) listed = { state, graphs: readGraphs(yaml) };
  return await listed.graphs;
}

async function readGraphs(files: readonly string[]): Promise<GraphInfo[]> {
  const names = files.map((file) => file.slice(0, -5));
  const found: GraphInfo[] = [];
  for (const name of names.filter((one) => NAME.test(one)).sort()) {
    const info = await readInfo(name).catch(() => undefined);
    if (info !== undefined) found.push(info);
  }
  return found;
}

/**
 * The file of a graph, when these parameters may be set in it.
 * @throws TalkError resource/not-found for an unknown graph, resource/settings for what may not be set
 */
export async function graphFile(
  name: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<string> {
  const info = NAME.test(name) ? await readInfo(name).catch(() => undefined) : undefined;
  if (info === undefined) {
    const names = (await listGraphs()).map((one) => one.name);
    throw new TalkError(
      'resource/not-found',
      `There is no graph "${name.slice(0, 80)}"${didYouMean(name, names)}.`,
    );
  }
  const names = info.parameters.map((one) => one.name);
  for (const given of Object.keys(parameters)) {
    if (names.includes(given)) continue;
    throw new TalkError(
      'resource/settings',
      `The graph ${name} has no parameter "${given.slice(0, 80)}" that may be set from outside${didYouMean(given, names)}.`,
    );
  }
  return join(graphsFolder(), `${name}.yaml`);
}

/** @throws TalkError resource/settings for a parameter that nobody outside may set */
export function demandOpen(parameters: Readonly<Record<string, unknown>>): void {
  const closed = Object.keys(parameters).find((name) => !OPEN.has(name));
  if (closed === undefined) return;
  throw new TalkError(
    'resource/settings',
    `There is no parameter "${closed.slice(0, 80)}" that may be set from outside${didYouMean(closed, OPEN)}.`,
  );
}

/** What was wrong with values for a graph, without the places in its file; undefined for another error. */
export function wrongValues(error: unknown): string | undefined {
  return error instanceof GraphError ? error.problems.map(({ message }) => message).join('; ') : undefined;
}

async function readInfo(name: string): Promise<GraphInfo | undefined> {
  const { source, parameters, ends } = await loadGraph(join(graphsFolder(), `${name}.yaml`));
  if (ends.in === undefined) return undefined;
  const open = [...parameters.values()].filter((one) => OPEN.has(one.name));
  return {
    name,
    blurb: /^# (.*)/.exec(source.text)?.[1] ?? '',
    parameters: open.map(({ name: called, type, blurb, min, max, values, default: usual }) => ({
      name: called,
      type,
      ...(blurb !== undefined && { blurb }),
      ...(usual !== undefined && { default: typeof usual === 'bigint' ? String(usual) : usual }),
      ...(min !== undefined && { min }),
      ...(max !== undefined && { max }),
      ...(values !== undefined && { values }),
    })),
  };
}
