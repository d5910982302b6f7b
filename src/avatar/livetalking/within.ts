import { readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { TalkError } from '../../element/error.js';

/**
 * Makes sure that nothing in a folder leads out of it: a folder of somebody else's could have links to pictures that are
 * nobody's business, which would become part of an avatar.
 * @throws TalkError resource/settings for a link to what lies elsewhere, or is not there
 */
export async function demandWithin(folder: string): Promise<void> {
  const root = await realpath(folder);
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const link = join(entry.parentPath, entry.name);
    const real = await realpath(link).catch(() => undefined);
    if (real?.startsWith(root + sep) === true) continue;
    throw new TalkError(
      'resource/settings',
      `${link} is a link that leads out of the avatar's folder, or nowhere: put what it leads to in its place.`,
      { details: { folder, file: link } },
    );
  }
}
