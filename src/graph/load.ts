/**
 * Graph files from the disk, with what they include, merged into one graph.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { ElementEntry, Ends, Graph, GraphFile, LinkEntry, Parameter } from './model.js';
import { NAME, SIDES } from './model.js';
import { GraphError, Problems } from './problem.js';
import { didYouMean } from './similar.js';
import { positionOf, type Source, type Spot } from './source.js';
import { readGraphFile } from './yaml.js';

/** How a file is read; a program may have its graphs elsewhere than on the disk. */
export type ReadText = (path: string) => Promise<string>;

const fromDisk: ReadText = (path) => readFile(path, 'utf8');

/**
 * Reads a graph and everything it includes. Shape errors of all files go to `problems`, or are thrown as one
 * GraphError when no collection is given. A file that cannot be read at all is a GraphError.
 */
export async function loadGraph(
  path: string,
  problems?: Problems,
  read: ReadText = fromDisk,
): Promise<Graph> {
  const own = problems ?? new Problems();
  const loader = new Loader(own, read);
  const graph = await loader.load(path);
  if (problems === undefined) own.throwIfAny();
  return graph;
}

/** A graph of one text without a file behind it; includes are not read. */
export function graphFromText(text: string, file = 'graph', problems?: Problems): Graph {
  const own = problems ?? new Problems();
  const merger = new Merger(own);
  const source = { file, text };
  merger.add(readGraphFile(source, own));
  if (problems === undefined) own.throwIfAny();
  return merger.graph(source, new Map());
}

class Loader {
  readonly #problems: Problems;
  readonly #read: ReadText;
  readonly #merger: Merger;
  readonly #parts = new Map<string, Ends>();
  readonly #seen = new Set<string>();

  constructor(problems: Problems, read: ReadText) {
    this.#problems = problems;
    this.#read = read;
    this.#merger = new Merger(problems);
  }

  async load(path: string): Promise<Graph> {
    const source = await this.#source(path);
    if (source === 'unreadable') throw new GraphError(this.#problems.list);
    if (source === undefined) {
      throw new GraphError([{ message: `${path}: there is no such graph file${await this.#near(path)}` }]);
    }
    const file = readGraphFile(source, this.#problems);
    this.#seen.add(resolve(path));
    await this.#includes(file, path, [resolve(path)]);
    this.#merger.add(file);
    return this.#merger.graph(source, this.#parts, file.ends);
  }

  async #includes(file: GraphFile, path: string, chain: readonly string[]): Promise<void> {
    for (const { text, spot } of file.include) {
      const partPath = isAbsolute(text) ? text : join(dirname(path), text);
      const absolute = resolve(partPath);
      if (chain.includes(absolute)) {
        this.#problems.add(`${text} includes itself`, spot);
        continue;
      }
      // Two files may need the same part; it is there once.
      if (this.#seen.has(absolute)) continue;
      this.#seen.add(absolute);
      const source = await this.#source(partPath, spot);
      if (source === 'unreadable') continue;
      if (source === undefined) {
        this.#problems.add(`there is no file ${partPath}${await this.#near(partPath)}`, spot);
        continue;
      }
      const part = readGraphFile(source, this.#problems);
      await this.#includes(part, partPath, [...chain, absolute]);
      this.#merger.add(part);
      this.#addPart(text, part.ends, spot);
    }
  }

  #addPart(text: string, ends: Ends, spot: Spot): void {
    const name = basename(text).replace(/\.ya?ml$/, '');
    if (!SIDES.some((side) => ends[side])) return;
    if (!NAME.test(name)) this.#problems.add(`"${name}" cannot name a part: rename the file`, spot);
    else if (this.#parts.has(name)) this.#problems.add(`there is another part named "${name}"`, spot);
    else this.#parts.set(name, ends);
  }

  /** The text of a file; undefined where there is none. What cannot be read is complained about, at `spot`. */
  async #source(path: string, spot?: Spot): Promise<Source | 'unreadable' | undefined> {
    try {
      return { file: shown(path), text: await this.#read(path) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      this.#problems.add(`${path} cannot be read: ${(error as Error).message}`, spot);
      return 'unreadable';
    }
  }

  async #near(path: string): Promise<string> {
    const names = await readdir(dirname(path)).catch(() => []);
    return didYouMean(
      basename(path),
      names.filter((name) => /\.ya?ml$/.test(name)),
    );
  }
}

/** Paths as a person gave them where they are below the working folder, absolute else. */
function shown(path: string): string {
  const near = relative('.', path);
  return near.startsWith('..') ? resolve(path) : near;
}

/** Puts files together; a name defined twice is an error that shows both places. */
class Merger {
  readonly #problems: Problems;
  readonly #parameters = new Map<string, Parameter>();
  readonly #elements = new Map<string, ElementEntry>();
  readonly #links: LinkEntry[] = [];
  #ends: Ends = {};

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  add(file: GraphFile): void {
    for (const parameter of file.parameters) this.#define('parameter', this.#parameters, parameter);
    for (const element of file.elements) this.#define('element', this.#elements, element);
    this.#links.push(...file.links);
    this.#ends = file.ends;
  }

  graph(source: Source, parts: ReadonlyMap<string, Ends>, ends: Ends = this.#ends): Graph {
    for (const name of parts.keys()) {
      const element = this.#elements.get(name);
      if (element) {
        this.#problems.add(
          `"${name}" is the name of an included part already: give the element another`,
          element.spot,
        );
      }
    }
    const [parameters, elements, links] = [this.#parameters, this.#elements, this.#links];
    return { source, parameters, elements, links, ends, parts };
  }

  #define<T extends { readonly name: string; readonly spot: Spot }>(
    kind: string,
    map: Map<string, T>,
    item: T,
  ): void {
    const known = map.get(item.name);
    if (known === undefined) {
      map.set(item.name, item);
      return;
    }
    const { line, column } = positionOf(known.spot.source, known.spot.start);
    const first = `${known.spot.source.file}:${line}:${column}`;
    this.#problems.add(`${kind} "${item.name}" is defined twice, first at ${first}`, item.spot);
  }
}
