/** A folder whose files are what there is of a kind: each is one, named like its file, and nothing else names it. */
import { readdir } from 'node:fs/promises';

/** Names of the modules in a folder, sorted. */
export async function moduleNames(folder: URL): Promise<string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => /\.(js|ts)$/.test(file) && !file.endsWith('.d.ts'))
    .map((file) => file.replace(/\.(js|ts)$/, ''))
    .sort();
}

/** The default export of one of them, compiled or not as we are; undefined when it has none. */
export async function defaultOf<T>(folder: URL, name: string): Promise<T | undefined> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const module: { default?: T } = await import(new URL(`${name}.${extension}`, folder).href);
  return module.default;
}
