/** How a thread reads an avatar's pictures: decode, cut out, scale, put before the background, turn into I420. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  alphaIn,
  alphaPictureBytes,
  alphaStride,
  type Box,
  copyPicture,
  type Picture,
  pictureBytes,
  pictureIn,
  rgbPicture,
  scalePicture,
} from '../picture/picture.js';
import { webpAlphaPicture, webpPicture, webpSize } from '../picture/webp.js';
import type { Background } from './background.js';
import { frameFile } from './framefile.js';
import { placeBox, type Size, type Window } from './framing.js';

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

/** Bytes of one of the pictures they become: I420, or A420 where nothing lies behind them. */
export function readBytes({ to: { width, height }, background }: Pick<Reading, 'to' | 'background'>): number {
  return 'clear' in background ? alphaPictureBytes(width, height) : pictureBytes(width, height);
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
  const colour = 'colour' in background ? background.colour : '#000000';
  const rgb =
    'file' in background
      ? await (await viaRgb()).backgroundRgb(background.file, to)
      : new Uint8Array(Buffer.alloc(3 * width * height, colour.slice(1), 'hex'));
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

  /** Puts one picture into `into`, `readBytes` long; answers why not. */
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
    const clear = 'clear' in background;
    if (!('files' in source)) throw new TypeError('no files');
    const file = await readFile(join(source.folder, frameFile(source.files, frame)));
    const size = webpSize(file);
    if (size && (size.width !== from.width || size.height !== from.height)) return size;
    const asItIs = window.width === to.width && window.height === to.height;
    if (size && asItIs && window.left % 2 === 0 && window.top % 2 === 0) {
      const whole = clear
        ? webpAlphaPicture(file, window, to, into)
        : webpPicture(file, window, this.#wall.picture, into);
      if (!whole) throw new Error('not a whole WebP picture');
      return undefined;
    }
    if (clear) {
      const rgba = await (await viaRgb()).pictureRgba(file, this.#job);
      if (!('rgb' in rgba)) return rgba;
      into.set(rgbPicture(rgba.rgb, to.width, to.height));
      const [plane, stride] = [alphaIn(into, to.width, to.height), alphaStride(to.width)];
      for (let y = 0; y < to.height; y++)
        plane.set(rgba.alpha.subarray(y * to.width, (y + 1) * to.width), y * stride);
      return undefined;
    }
    const wall = 'file' in background ? this.#wall.rgb : undefined;
    const rgb = await (await viaRgb()).pictureRgb(file, this.#job, wall);
    if (!(rgb instanceof Uint8Array)) return rgb;
    into.set(rgbPicture(rgb, to.width, to.height));
    return undefined;
  }

  async #cut(film: FileHandle, frame: number, into: Uint8Array): Promise<undefined> {
    const { from, window, to, background } = this.#job;
    const clear = 'clear' in background;
    const bytes = pictureBytes(from.width, from.height);
    const asItIs = to.width === from.width && to.height === from.height && window.width === from.width;
    if (!asItIs && this.#whole.length === 0) this.#whole = new Uint8Array(bytes);
    const whole = asItIs ? into : this.#whole;
    const { bytesRead } = await film.read(whole, 0, bytes, frame * bytes);
    if (bytesRead !== bytes) throw new Error(`the film ends in picture ${frame}`);
    const at = placeBox({ x: 0, y: 0, w: from.width, h: from.height }, window, to);
    // A film is opaque; what lies beside it is clear.
    if (clear) opaqueIn(alphaIn(into, to.width, to.height), to, at);
    if (asItIs) return;
    const picture = pictureIn(into, to.width, to.height);
    copyPicture(picture, this.#wall.picture);
    scalePicture(picture, pictureIn(whole, from.width, from.height), at, 'keep');
  }
}

/** Makes the pixels of a box opaque and all others clear. */
function opaqueIn(plane: Uint8Array, { width, height }: Size, { x, y, w, h }: Box): void {
  const stride = alphaStride(width);
  const [left, right] = [Math.max(0, Math.round(x)), Math.min(width, Math.round(x + w))];
  plane.fill(0);
  for (let row = Math.max(0, Math.round(y)); row < Math.min(height, Math.round(y + h)); row++)
    plane.fill(255, row * stride + left, row * stride + right);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
