import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp, { type WebpOptions } from 'sharp';
import { TalkError } from '../element/error.js';
import { writeError } from '../element/fileerror.js';
import { pictureBytes, rgbPicture } from '../picture/picture.js';
import { WHOLE } from './album.js';
import { formatBoxes } from './boxes.js';
import { isAvatarId } from './folders.js';
import { frameFile } from './framefile.js';
import { hashPackage } from './hash.js';
import { formatManifest, MANIFEST, type ManifestInput } from './manifest.js';

/** Pixels of one frame, rows without padding: RGB, or RGBA where something may stand behind. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly channels: 3 | 4;
}

export type BoxRow = readonly [x: number, y: number, width: number, height: number];

/** An avatar that is to be written. */
export interface NewAvatar {
  /** All that is not told by the pictures. */
  readonly about: Omit<ManifestInput, 'frames' | 'files' | 'film' | 'poster' | 'boxes' | 'crops' | 'sha256'>;
  /** The pictures in order, of the manifest's size. */
  readonly pictures: AsyncIterable<Pixels>;
  /** How many there will be. */
  readonly count: number;
  /** The boxes, asked for when all pictures are written; without them nobody can speak with it. */
  readonly boxes?: () => {
    readonly own: readonly BoxRow[];
    readonly crops?: Readonly<Record<string, readonly BoxRow[]>>;
  };
  /** Writes further files into the folder, and answers what the manifest says of them. */
  readonly more?: (
    folder: string,
  ) => Promise<{ latents?: string; sound?: string; masks?: Readonly<Record<string, string>> }>;
  /** Comment lines for the top of its `avatar.yaml`. */
  readonly comment: readonly string[];
  /**
   * `pictures`: a WebP file each, small, decoded when shown. `film`: as they are shown, in one file: 590 kB for 512x768,
   * and no work to show. `auto` makes a film of what would not be kept in memory as a whole, unless it is transparent.
   */
  readonly store?: 'auto' | 'pictures' | 'film';
  /** How each picture is coded, where the usual way would waste time. */
  readonly webp?: WebpOptions;
}

/** How it is written. */
export interface WriteOptions {
  /** Takes the place of an avatar of the same name. Default false. */
  readonly replace?: boolean;
  readonly signal?: AbortSignal;
  /** So many pictures are written. */
  readonly progress?: (done: number) => void;
}

/** More boxes than this get a file of their own. */
const LISTED = 2000;
/** Pictures that are coded at the same time. */
const AT_ONCE = 4;
const WEBP = { quality: 92, effort: 4, smartSubsample: true } as const;

/**
 * Writes an avatar package into `root`. It is there as a whole or not at all, whatever happens on the way.
 *
 * @throws TalkError resource/settings for a name that is taken or cannot be one; resource/no-space, resource/write;
 *   whatever `pictures` throws; the signal's reason
 */
export async function writePackage(
  root: string,
  id: string,
  avatar: NewAvatar,
  { replace = false, signal, progress }: WriteOptions = {},
): Promise<string> {
  const folder = join(root, id);
  await demandId(id, folder, replace);
  const scratch = join(root, `.${id}-${randomUUID()}`);
  try {
    await mkdir(scratch, { recursive: true });
    await fill(scratch, avatar, signal, progress);
    signal?.throwIfAborted();
    if (replace) await rename(folder, `${scratch}-old`).catch(() => undefined);
    await rename(scratch, folder);
    await rm(`${scratch}-old`, { recursive: true, force: true });
    return folder;
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    throw writeError(error, folder);
  }
}

async function fill(
  folder: string,
  { about, pictures, count, boxes, more, comment, store = 'auto', webp = WEBP }: NewAvatar,
  signal: AbortSignal | undefined,
  progress: WriteOptions['progress'],
): Promise<void> {
  const { width, height } = about;
  const large = pictureBytes(width, height) * count > WHOLE;
  let writer: Film | Album | undefined;
  let frames = 0;
  try {
    for await (const pixels of pictures) {
      signal?.throwIfAborted();
      const film = store === 'film' || (store === 'auto' && large && pixels.channels === 3);
      writer ??= film
        ? await Film.begin(folder, width, height)
        : await Album.begin(folder, width, height, webp);
      await writer.add(pixels, frames++);
      progress?.(frames);
    }
    await writer?.end();
  } catch (error) {
    await writer?.end().catch(() => undefined);
    throw error;
  }
  if (writer === undefined) throw new TypeError('Expected at least one picture but received none.');
  const { own, crops = {} } = boxes?.() ?? {};
  const { masks = {}, ...fields } = (await more?.(folder)) ?? {};
  for (const [crop, rows] of Object.entries(crops))
    await writeFile(join(folder, `${crop}.csv`), formatBoxes(rows));
  const listed = own === undefined || own.length <= LISTED;
  if (!listed) await writeFile(join(folder, 'boxes.csv'), formatBoxes(own));
  const manifest: ManifestInput = {
    ...about,
    frames,
    ...writer.fields,
    ...fields,
    ...(own && { boxes: listed ? own.map(([x, y, w, h]) => [x, y, w, h]) : 'boxes.csv' }),
    crops: Object.fromEntries(
      Object.keys(crops).map((crop) => [
        crop,
        { boxes: `${crop}.csv`, ...(masks[crop] && { mask: masks[crop] }) },
      ]),
    ),
    sha256: await hashPackage(folder),
  };
  await writeFile(join(folder, MANIFEST), formatManifest(manifest, comment));
}

/** A WebP file for each picture. */
class Album {
  readonly fields = { files: 'frames/%05d.webp' };
  readonly #folder: string;
  readonly #raw: { width: number; height: number };
  readonly #writing = new Set<Promise<unknown>>();

  readonly #webp: WebpOptions;

  private constructor(folder: string, width: number, height: number, webp: WebpOptions) {
    this.#folder = folder;
    this.#raw = { width, height };
    this.#webp = webp;
  }

  static async begin(folder: string, width: number, height: number, webp: WebpOptions): Promise<Album> {
    const album = new Album(folder, width, height, webp);
    await mkdir(dirname(join(folder, album.fields.files)));
    return album;
  }

  async add({ data, channels }: Pixels, frame: number): Promise<void> {
    const file = join(this.#folder, frameFile(this.fields.files, frame));
    const writing = sharp(data, { raw: { ...this.#raw, channels } })
      .webp(this.#webp)
      .toFile(file);
    this.#writing.add(writing);
    const done = () => this.#writing.delete(writing);
    writing.then(done, done);
    if (this.#writing.size >= AT_ONCE) await Promise.race(this.#writing);
  }

  async end(): Promise<void> {
    await Promise.all(this.#writing);
  }
}

/** All pictures in one file. */
class Film {
  readonly fields = { film: 'film.i420', poster: 'poster.webp' };
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #raw: { width: number; height: number };

  private constructor(folder: string, file: FileHandle, width: number, height: number) {
    this.#folder = folder;
    this.#file = file;
    this.#raw = { width, height };
  }

  static async begin(folder: string, width: number, height: number): Promise<Film> {
    return new Film(folder, await open(join(folder, 'film.i420'), 'w'), width, height);
  }

  async add({ data, channels }: Pixels, frame: number): Promise<void> {
    if (channels !== 3) {
      throw new TalkError(
        'stream/format',
        'A film cannot be transparent: keep the pictures ("--store pictures").',
      );
    }
    const { width, height } = this.#raw;
    if (frame === 0) {
      await sharp(data, { raw: { ...this.#raw, channels } })
        .webp(WEBP)
        .toFile(join(this.#folder, this.fields.poster));
    }
    await this.#file.write(rgbPicture(data, width, height));
  }

  async end(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Makes sure that an avatar can be written there: what takes long asks before it begins.
 * @throws TalkError resource/settings for a name that is taken or cannot be one
 */
export async function demandId(id: string, folder: string, replace: boolean): Promise<void> {
  if (!isAvatarId(id)) {
    throw new TalkError(
      'resource/settings',
      `${JSON.stringify(id.slice(0, 80))} cannot be the id of an avatar: letters, digits, "-", "_", ".", at most 64.`,
    );
  }
  if (!replace && (await stat(folder).catch(() => undefined)) !== undefined) {
    throw new TalkError(
      'resource/settings',
      `There is an avatar ${id} already, in ${folder}; --replace puts the new one in its place.`,
    );
  }
}
