import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TalkError } from '../element/error.js';
import { pictureBytes } from '../picture/picture.js';
import { Avatar } from './avatar.js';
import { BLACK, readBackground } from './background.js';
import { type Boxes, readBoxes } from './boxes.js';
import { listClips } from './folders.js';
import { frameFile } from './framefile.js';
import { frameFor, type Size } from './framing.js';
import { Latents } from './latents.js';
import type { Manifest } from './manifest.js';
import { Mask } from './mask.js';
import { readAvatar } from './read.js';
import type { Reading } from './reading.js';
import { acquire, type Shapes } from './store.js';

/** How to open an avatar. */
export interface OpenOptions {
  /** Where names are looked up; default `avatarsFolder()`. */
  readonly root?: string;
  /**
   * Size the pictures should have, pixels, even, both or none. Of the avatar's framings the nearest in shape is
   * taken; what is left over is background. Boxes follow.
   */
  readonly width?: number;
  readonly height?: number;
  /** What lies behind transparent pixels and beside the picture: `#rrggbb`, a picture file or `transparent`; default the avatar's. */
  readonly background?: string;
}

/**
 * Opens an avatar package. The first to open it waits until its pictures are decoded (in a thread of its own);
 * everybody after shares them at once.
 *
 * @throws TalkError resource/not-found (the avatar, or pictures of it), resource/settings (a bad name or
 *   avatar.yaml, with the line; a background that is none), stream/format (a picture of another size), stream/decode, resource/quota
 */
export async function openAvatar(idOrFolder: string, options: OpenOptions = {}): Promise<Avatar> {
  const { id, folder, manifest, mtimeMs } = await readAvatar(idOrFolder, options.root);
  const from = { width: manifest.width, height: manifest.height };
  const to = target(from, options);
  const window = frameFor(from, manifest.framings, to);
  const background = await behind(manifest, folder, options);
  const source = await sourceOf(id, folder, manifest);
  const key = JSON.stringify([folder, mtimeMs, to.width, to.height, background]);
  const { latents, frames } = manifest;
  const shown = latents === undefined ? undefined : await Latents.open(id, folder, { latents, frames });
  const job: Reading = { source, count: manifest.frames, from, window, to, background };
  return new Avatar(
    id,
    folder,
    manifest,
    key,
    { window, clear: 'clear' in background },
    await acquire(key, job, () => shapesOf(folder, manifest), id),
    shown,
    await listClips(folder),
  );
}

/** Boxes and masks of an avatar, by what they are for. */
async function shapesOf(folder: string, { frames, boxes, crops }: Manifest): Promise<Shapes> {
  const all = new Map<string, Boxes>();
  if (boxes !== undefined) all.set('', await readBoxes(boxes, { frames, folder, name: 'boxes' }));
  const masks = new Map<string, Mask>();
  for (const [crop, { boxes: file, mask }] of Object.entries(crops)) {
    all.set(crop, await readBoxes(file, { frames, folder, name: `crops.${crop}.boxes` }));
    if (mask !== undefined) masks.set(crop, await Mask.open(join(folder, mask)));
  }
  return { boxes: all, masks };
}

async function behind(manifest: Manifest, folder: string, { background }: OpenOptions) {
  if (background !== undefined && background !== '') return readBackground(background, process.cwd());
  return manifest.background === undefined ? BLACK : readBackground(manifest.background, folder);
}

function target(from: Size, { width, height }: OpenOptions): Size {
  if (width === undefined && height === undefined) return from;
  for (const [name, value] of Object.entries({ width, height })) {
    if (!Number.isInteger(value) || value! < 16 || value! > 4096 || value! % 2) {
      throw new TypeError(`Expected an even number from 16 to 4096 for ${name} but received ${value}.`);
    }
  }
  return { width: width!, height: height! };
}

/** Up to so many pictures each one is looked for. */
const NAMED = 5000;

/** Where the pictures are. Refuses a package in which some are missing, before a thread is started for it. */
async function sourceOf(id: string, folder: string, manifest: Manifest): Promise<Reading['source']> {
  const { files, film, frames, width, height } = manifest;
  if (files === undefined)
    return await wholeFilm(id, join(folder, film!), frames * pictureBytes(width, height));
  const found = await readdir(join(folder, dirname(frameFile(files, 0)))).catch(() => []);
  // Of half an hour of pictures it is enough that there are as many: each name costs time that all sessions share.
  if (frames > NAMED && found.length >= frames) return { folder, files };
  const names = Array.from({ length: frames }, (_, n) => frameFile(files, n));
  const present = new Set(found);
  const missing = names.filter((name) => !present.has(name.slice(name.lastIndexOf('/') + 1)));
  if (missing.length === 0) return { folder, files };
  throw new TalkError(
    'resource/not-found',
    `Avatar "${id}": ${missing.length} of ${frames} pictures are missing in ${folder}, the first is ${missing[0]}. ` +
      'Write them again, or correct "frames" and "files" in avatar.yaml.',
    { details: { folder, missing: missing.length, first: missing[0]! } },
  );
}

async function wholeFilm(id: string, film: string, want: number): Promise<{ film: string }> {
  const size = (await stat(film).catch(() => undefined))?.size;
  if (size === want) return { film };
  throw new TalkError(
    size === undefined ? 'resource/not-found' : 'stream/format',
    `Avatar "${id}": its pictures should be ${want} bytes in ${film}, ` +
      `${size === undefined ? 'which is missing' : `which has ${size}`}. Copy the avatar again.`,
    { details: { film } },
  );
}
