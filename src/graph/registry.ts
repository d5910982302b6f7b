/**
 * The registry: the folder `elements/` is the list of elements. Nothing else names them.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Declared, type Description, register } from '../element/index.js';

/** A registered element: what it declares, and the file it is in. */
export interface Registered {
  readonly description: Description;
  readonly file: string;
}

const registered = new Map<string, Registered>();
const folders = new Map<string, Promise<readonly Registered[]>>();

/** The folder of our own elements, compiled beside this file's tree: `dist/elements`. */
export const ELEMENTS_FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'elements');

/**
 * Registers every element of a folder: each file's default export, under the file's name. A second call with the same
 * folder does nothing. Throws a TypeError that names the file when one of them is not an element.
 */
export function registerElements(folder: string = ELEMENTS_FOLDER): Promise<readonly Registered[]> {
  let done = folders.get(folder);
  if (done === undefined) {
    done = registerFolder(folder);
    folders.set(folder, done);
    // A folder that failed can be tried again, after it was repaired.
    done.catch(() => folders.delete(folder));
  }
  return done;
}

/** All elements registered so far, by factory name. */
export function registeredElements(): ReadonlyMap<string, Registered> {
  return registered;
}

async function registerFolder(folder: string): Promise<readonly Registered[]> {
  const files = (
    await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    })
  )
    .filter((name) => /^[a-z0-9]+\.js$/.test(name))
    .sort();
  const made = await Promise.all(files.map((name) => registerFile(join(folder, name))));
  for (const element of made) registered.set(element.description.name, element);
  return made;
}

async function registerFile(file: string): Promise<Registered> {
  const factory = basename(file, '.js');
  const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown };
  if (typeof exported !== 'function') {
    throw new TypeError(`${file}: Expected a class as default export but received ${typeof exported}`);
  }
  const element = exported as unknown as Declared;
  if (element.metadata?.name !== factory) {
    throw new TypeError(
      `${file}: Expected metadata.name to be the file's name, ${factory}, but received ${JSON.stringify(element.metadata?.name)}`,
    );
  }
  return { description: register(element), file };
}
