/**
 * Where graph files are: where a person says, else among those that come with talkgraph.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, which holds `graphs/` (this file runs from `dist/src/graph`). */
export const PACKAGE = fileURLToPath(new URL('../../../', import.meta.url));

/** The path of a graph file: as given if it is there, else `graphs/render.yaml` or `render.yaml` of the package. */
export function findGraph(path: string): string {
  if (existsSync(path)) return path;
  const places = [join(PACKAGE, path), join(PACKAGE, 'graphs', path)];
  return places.find((place) => existsSync(place)) ?? path;
}
