/** How a thread reads an avatar's pictures: decode, cut out, scale, put before the background, turn into I420. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  copyPicture,
  type Picture,
  pictureBytes,
  pictureIn,
  rgbPicture,
  scalePicture,
} from '../picture/picture.js';
import { webpPicture, webpSize } from '../picture/webp.js';
import type { Background } from './background.js';
import { placeBox, type Size, type Window } from './framing.js';
import { frameFile } from './manifest.js';

/** What to read. */
export interface Reading {
  /** Where the pictures are: a file each, by the pattern of the manifest, or all in one. */
  readonly source: { readonly folder: string; readonly files: string } | { readonly film: string };
  /** How many there are. */
  readonly count: number;
  /** What the manifest says the pictures measure, what of them is shown, and what they should become. */
  readonly from: Size;
  readonly window: Window;
  readonly to: Size;
  /** What shows through and beside them. */
  readonly background: Background;
}

/** Why a picture is not there; the background counts as number -1. */
export interface Unread {
  readonly frame: number;
  readonly problem: 'decode' | 'size';
  readonly text: string;
}

/** What stands behind the avatar, as RGB rows and as a picture. */
interface Wall {
  readonly rgb: Uint8Array;
  readonly picture: Picture;
}

/** Loaded when it is needed: an avatar of WebP pictures at their own size never needs it. */
const viaRgb = () => import('./decode-rgb.js');

async function wallOf({ background, to }: Reading): Promise<Wall> {
  const { width, height } = to;
  const rgb =
    'file' in background
      ? await (await viaRgb()).backgroundRgb(background.file, to)
      : new Uint8Array(Buffer.alloc(3 * width * height, background.colour.slice(1), 'hex'));
  return { rgb, picture: pictureIn(rgbPicture(rgb, width, height), width, height) };
}

/** Reads pictures of one avatar, one at a time. */
export class Reader {
  readonly #job: Reading;
  readonly #wall: Wall;
  readonly #film: FileHandle | undefined;
  /** A picture of the film that has to be cut or scaled. */
  #whole = new Uint8Array(0);

  private constructor(job: Reading, wall: Wall, film: FileHandle | undefined) {
    this.#job = job;
    this.#wall = wall;
    this.#film = film;
  }

  /** Answers why not, when the background or the film cannot be read. */
  static async open(job: Reading): Promise<Reader | Unread> {
    try {
      const film = 'film' in job.source ? await open(job.source.film, 'r') : undefined;
      return new Reader(job, await wallOf(job), film);
    } catch (error) {
      return { frame: -1, problem: 'decode', text: message(error) };
    }
  }

  /** Puts one picture as I420 into `into`; answers why not. */
  async read(frame: number, into: Uint8Array): Promise<Unread | undefined> {
    try {
      const other = this.#film ? await this.#cut(this.#film, frame, into) : await this.#decode(frame, into);
      return other && { frame, problem: 'size', text: `${other.width}x${other.height}` };
    } catch (error) {
      return { frame, problem: 'decode', text: message(error) };
    }
  }

  async close(): Promise<void> {
    await this.#film?.close();
  }

  /** Gives the size the picture has when that is not the one it should have. */
  async #decode(frame: number, into: Uint8Array): Promise<Size | undefined> {
    const { source, from, window, to, background } = this.#job;
    if (!('files' in source)) throw new TypeError('no files');
    const file = await readFile(join(source.folder, frameFile(source.files, frame)));
    const size = webpSize(file);
    if (size && (size.width !== from.width || size.height !== from.height)) return size;
    const asItIs = window.width === to.width && window.height === to.height;
    if (size && asItIs && window.left % 2 === 0 && window.top % 2 === 0) {
      if (!webpPicture(file, window, this.#wall.picture, into)) throw new Error('not a whole WebP picture');
      return undefined;
    }
    const wall = 'file' in background ? this.#wall.rgb : undefined;
    const rgb = await (await viaRgb()).pictureRgb(file, this.#job, wall);
    if (!(rgb instanceof Uint8Array)) return rgb;
    into.set(rgbPicture(rgb, to.width, to.height));
    return undefined;
  }

  async #cut(film: FileHandle, frame: number, into: Uint8Array): Promise<undefined> {
    const { from, window, to } = this.#job;
    const bytes = pictureBytes(from.width, from.height);
    const asItIs = to.width === from.width && to.height === from.height && window.width === from.width;
    if (!asItIs && this.#whole.length === 0) this.#whole = new Uint8Array(bytes);
    const whole = asItIs ? into : this.#whole;
    const { bytesRead } = await film.read(whole, 0, bytes, frame * bytes);
    if (bytesRead !== bytes) throw new Error(`the film ends in picture ${frame}`);
    if (asItIs) return;
    const at = placeBox({ x: 0, y: 0, w: from.width, h: from.height }, window, to);
    const picture = pictureIn(into, to.width, to.height);
    copyPicture(picture, this.#wall.picture);
    scalePicture(picture, pictureIn(whole, from.width, from.height), at, 'keep');
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
