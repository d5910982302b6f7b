import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CLIPS } from './folders.js';
import { MANIFEST } from './manifest.js';

/**
 * SHA-256 over `NAME<NUL>SHA-256<LF>` of all files but the manifest, by name: what `sha256` in an avatar.yaml says. Its
 * clips are packages of their own and do not count.
 * A gigabyte takes about a second.
 */
export async function hashPackage(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((e) => e.isFile()).map((e) => relative(folder, join(e.parentPath, e.name)));
  const all = createHash('sha256');
  const own = files.filter((name) => name !== MANIFEST && !name.startsWith(CLIPS + sep));
  for (const file of own.sort()) {
    const one = createHash('sha256');
    await pipeline(createReadStream(join(folder, file)), one);
    all.update(`${file}\0${one.digest('hex')}\n`);
  }
  return all.digest('hex');
}
