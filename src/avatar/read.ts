import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findAvatar } from './folders.js';
import { MANIFEST, type Manifest, parseManifest } from './manifest.js';

/** What is known of an avatar without opening it. */
export interface Description {
  readonly id: string;
  readonly folder: string;
  readonly manifest: Manifest;
  /** When the manifest was last written: another time, another avatar. */
  readonly mtimeMs: number;
}

/** Reads an avatar's manifest, and no picture. @throws what `findAvatar` and `parseManifest` throw */
export async function readAvatar(idOrFolder: string, root?: string): Promise<Description> {
  const { id, folder } = await findAvatar(idOrFolder, root);
  const file = join(folder, MANIFEST);
  const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
  return { id, folder, manifest: parseManifest(text, file), mtimeMs };
}
