import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TalkError } from '../element/error.js';
import { clipId, findAvatar, listAvatars, listClips } from './folders.js';
import { MANIFEST, type Manifest, parseManifest } from './manifest.js';

/** What is known of an avatar without opening it. */
export interface Description {
  readonly id: string;
  readonly folder: string;
  /** Shared by all who ask: read it, never write. */
  readonly manifest: Manifest;
  /** When the manifest was last written: another time, another avatar. */
  readonly mtimeMs: number;
}

/** Manifests remembered; the one read longest ago goes first. */
const LIMIT = 64;
const known = new Map<string, { readonly mtimeMs: number; readonly manifest: Promise<Manifest> }>();

/**
 * Reads an avatar's manifest, and no picture. As long as it is not written anew it is parsed once: two hundred boxes
 * take 10 ms of the thread that all sessions share.
 * @throws what `findAvatar` and `parseManifest` throw
 */
export async function readAvatar(idOrFolder: string, root?: string): Promise<Description> {
  const { id, folder } = await findAvatar(idOrFolder, root);
  const file = join(folder, MANIFEST);
  const { mtimeMs } = await stat(file);
  let entry = known.get(file);
  if (entry?.mtimeMs !== mtimeMs) {
    entry = { mtimeMs, manifest: readFile(file, 'utf8').then((text) => parseManifest(text, file)) };
    known.delete(file);
    known.set(file, entry);
    const [oldest] = known.keys();
    if (known.size > LIMIT && oldest !== undefined) known.delete(oldest);
  }
  try {
    return { id, folder, manifest: await entry.manifest, mtimeMs };
  } catch (error) {
    if (known.get(file) === entry) known.delete(file);
    throw error;
  }
}

/**
 * Reads the manifest of a clip of an avatar.
 * @param more a folder of clips that are shown besides the avatar's own, and instead of one of the same name; empty: none
 * @throws TalkError resource/not-found with the names of those there are; what `readAvatar` throws
 */
export async function readClip(avatar: string, name: string, more = '', root?: string): Promise<Description> {
  const others = more === '' ? [] : await listAvatars(more);
  if (others.includes(name)) return readAvatar(join(resolve(more), name));
  const { folder, manifest } = await readAvatar(avatar, root);
  const present = [...(await listClips(folder)), ...others].sort();
  if (present.includes(name)) return readAvatar(clipId(folder, name));
  throw new TalkError(
    'resource/not-found',
    `The avatar ${manifest.name} has no clip "${name.slice(0, 80)}". ${present.length ? `There are: ${present.join(', ')}.` : 'There are none.'}`,
    { details: { clip: name.slice(0, 80), present: present.join(' ') } },
  );
}
