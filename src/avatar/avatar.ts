import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TalkError } from '../element/error.js';
import { AVATAR_COLOUR, AVATAR_COLOUR_CAPS } from '../picture/colour.js';
import type { Box } from '../picture/picture.js';
import { BLACK, readBackground } from './background.js';
import { frameFor, placeBox, type Size } from './framing.js';
import { type LoopMode, loopIndex } from './loop.js';
import { frameFile, type Manifest } from './manifest.js';
import { readAvatar } from './read.js';
import { acquire, type Pictures, release } from './store.js';

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
  /** What lies behind transparent pixels and beside the picture: `#rrggbb` or a picture file; default the avatar's. */
  readonly background?: string;
}

/**
 * One user's share in an open avatar. Pictures and crops are the same memory for all users in the process:
 * read them, never write.
 */
export class Avatar {
  readonly id: string;
  /** Where it was read from. */
  readonly folder: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly framerate: { readonly num: number; readonly den: number };
  /** How many frames there are. */
  readonly count: number;
  readonly loop: LoopMode;
  /** How its colours are coded; always `AVATAR_COLOUR`. */
  readonly colour = AVATAR_COLOUR;
  readonly #key: string;
  #pictures: Pictures | undefined;

  constructor(id: string, folder: string, manifest: Manifest, key: string, pictures: Pictures) {
    this.id = id;
    this.folder = folder;
    this.name = manifest.name;
    this.width = pictures.width;
    this.height = pictures.height;
    const [num = 25, den = 1] = manifest.framerate.split('/').map(Number);
    this.framerate = { num, den };
    this.count = manifest.frames;
    this.loop = manifest.loop;
    this.#key = key;
    this.#pictures = pictures;
  }

  /** Caps of its pictures. */
  get caps(): string {
    const { num, den } = this.framerate;
    return `video/x-raw, format=I420, width=${this.width}, height=${this.height}, framerate=${num}/${den}, ${AVATAR_COLOUR_CAPS}`;
  }

  /** The frame to show at the n-th tick, counted from 0. */
  index(n: number): number {
    return loopIndex(n, this.count, this.loop);
  }

  /** An I420 picture in GStreamer's layout. */
  data(frame: number): Uint8Array {
    return this.#at(frame).frames[frame]!;
  }

  /** The square a model is shown, in pixels of the picture; fractional, follows the head. */
  box(frame: number): Box {
    return this.#at(frame).boxes[frame]!;
  }

  /** What lies under the box as `size` x `size` BGR bytes, made anew each time. */
  face(frame: number, size: number): Uint8Array {
    if (!Number.isInteger(size) || size < 8 || size > 1024) {
      throw new TypeError(`Expected an integer from 8 to 1024 for size but received ${size}.`);
    }
    return this.#at(frame).crop(frame, size);
  }

  /** Names the pictures with all that makes them what they are: equal keys, equal pixels. */
  get key(): string {
    return this.#key;
  }

  /** True after `close`. */
  get closed(): boolean {
    return this.#pictures === undefined;
  }

  /** Gives the share back; the last user's call frees the pictures. Closing twice is fine. */
  close(): void {
    if (this.#pictures === undefined) return;
    this.#pictures = undefined;
    release(this.#key);
  }

  #at(frame: number): Pictures {
    if (this.#pictures === undefined) throw new TypeError(`Avatar "${this.id}" is closed.`);
    if (!Number.isInteger(frame) || frame < 0 || frame >= this.count) {
      throw new TypeError(`Expected an integer from 0 to ${this.count - 1} for frame but received ${frame}.`);
    }
    return this.#pictures;
  }
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
  const files = Array.from({ length: manifest.frames }, (_, i) => frameFile(manifest, i));
  await demand(id, folder, files);
  const key = JSON.stringify([folder, mtimeMs, to.width, to.height, background]);
  const job = { files: files.map((f) => join(folder, f)), from, window, to, background };
  const boxes = manifest.boxes.map(([x, y, w, h]) => placeBox({ x, y, w, h }, window, to));
  return new Avatar(id, folder, manifest, key, await acquire(key, job, boxes, id));
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

/** Refuses a package whose pictures are not all there, before a thread is started for it. */
async function demand(id: string, folder: string, files: readonly string[]): Promise<void> {
  const inside = dirname(files[0]!);
  const present = new Set(await readdir(join(folder, inside)).catch(() => []));
  const missing = files.filter((f) => !present.has(f.slice(f.lastIndexOf('/') + 1)));
  if (missing.length === 0) return;
  throw new TalkError(
    'resource/not-found',
    `Avatar "${id}": ${missing.length} of ${files.length} pictures are missing in ${folder}, the first is ${missing[0]}. ` +
      'Write them again, or correct "frames" and "files" in avatar.yaml.',
    { details: { folder, missing: missing.length, first: missing[0]! } },
  );
}
