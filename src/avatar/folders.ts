import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TalkError } from '../element/error.js';
import { MANIFEST } from './manifest.js';

/** An avatar's id is a plain name; whatever could lead to another folder is not one. */
export function isAvatarId(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u.test(text) && !text.includes('..');
}

/** Where avatars live: `TALKGRAPH_AVATARS`, else `data/avatars` of this package. */
export function avatarsFolder(): string {
  const given = process.env['TALKGRAPH_AVATARS'];
  if (given) return resolve(given);
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'data', 'avatars')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'data', 'avatars');
}

/** Ids of the avatars in a folder, sorted; none when there is no such folder. */
export async function listAvatars(root = avatarsFolder()): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((e) => isAvatarId(e.name) && existsSync(join(root, e.name, MANIFEST)))
    .map((e) => e.name)
    .sort();
}

/** Folder of an avatar's clips, in the avatar's own. */
export const CLIPS = 'clips';

/** What `findAvatar` takes for a clip of an avatar. */
export function clipId(avatar: string, name: string): string {
  return `${avatar}/${CLIPS}/${name}`;
}

/** Names of the clips of the avatar in `folder`, sorted: avatars of their own, in the folder `clips`. */
export function listClips(folder: string): Promise<string[]> {
  return listAvatars(join(folder, CLIPS));
}

/**
 * The folder of an avatar, or of a clip of one (`clipId`). A plain name is looked up in `root`; a path (absolute, or beginning with `./` or `../`)
 * is taken as it is: graphs may name one. A server that takes names from strangers lets only `isAvatarId` through.
 * @throws TalkError resource/settings for something that is neither, resource/not-found for what is not there
 */
export async function findAvatar(
  idOrFolder: string,
  root = avatarsFolder(),
): Promise<{ id: string; folder: string }> {
  if (isAbsolute(idOrFolder) || /^\.\.?[\\/]/.test(idOrFolder)) {
    const folder = resolve(idOrFolder);
    const there = await stat(join(folder, MANIFEST)).catch(() => undefined);
    if (there) return { id: folder, folder };
    throw new TalkError('resource/not-found', `${folder} is no avatar: there is no ${MANIFEST} in it.`, {
      details: { folder },
    });
  }
  const [, owner, clip] = /^([^/]+)\/clips\/([^/]+)$/.exec(idOrFolder) ?? [];
  if (owner !== undefined && clip !== undefined) {
    const { folder } = await findAvatar(owner, root);
    const found = await findAvatar(clip, join(folder, CLIPS));
    return { id: idOrFolder, folder: found.folder };
  }
  if (!isAvatarId(idOrFolder)) {
    throw new TalkError(
      'resource/settings',
      `Expected the name of an avatar (letters, digits, "-", "_", ".") but received ${JSON.stringify(idOrFolder.slice(0, 80))}. A folder is written with ./ in front.`,
      { details: { avatar: idOrFolder.slice(0, 80) } },
    );
  }
  const folder = join(root, idOrFolder);
  if (await stat(join(folder, MANIFEST)).catch(() => undefined)) return { id: idOrFolder, folder };
  const present = await listAvatars(root);
  throw new TalkError(
    'resource/not-found',
    // Where was looked is for whoever runs it: clients of a server read the sentence.
    `There is no avatar "${idOrFolder}". ${present.length ? `There are: ${present.join(', ')}.` : 'There are none.'}`,
    { details: { avatar: idOrFolder, folder: root, present: present.join(' ') } },
  );
}
