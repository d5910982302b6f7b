/**
 * A thread that reads an avatar's pictures: decode, cut out, scale, put before the background, turn into I420,
 * put where they belong.
 * It gets a `DecodeJob` as workerData, posts one `DecodedFrame` per picture of its share and ends.
 */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { type Picture, pictureIn, rgbPicture } from '../picture/picture.js';
import { webpPicture, webpSize } from '../picture/webp.js';
import type { Background } from './background.js';
import type { Size, Window } from './framing.js';

/** What to read. */
export interface DecodeJob {
  readonly files: readonly string[];
  /** What the manifest says the pictures measure, what of them is shown, and what they should become. */
  readonly from: Size;
  readonly window: Window;
  readonly to: Size;
  /** What shows through and beside them. */
  readonly background: Background;
}

/** Where the pictures go: one behind the other. One piece, so that all of it goes back to the system when they close. */
export interface Album {
  readonly memory: SharedArrayBuffer;
  /** Bytes of a picture. */
  readonly each: number;
}

/** The pictures one thread reads: `first`, and every `step`-th after it. */
export interface Share {
  readonly first: number;
  readonly step: number;
}

/** One picture is where it belongs, or why it is not; the background counts as number -1. */
export type DecodedFrame =
  | { readonly frame: number; readonly problem?: undefined }
  | { readonly frame: number; readonly problem: 'decode' | 'size'; readonly text: string };

/** What stands behind the avatar, as RGB rows and as a picture. */
interface Wall {
  readonly rgb: Uint8Array;
  readonly picture: Picture;
}

/** Loaded when it is needed: an avatar of WebP pictures at their own size never needs it. */
const viaRgb = () => import('./decode-rgb.js');

async function wallOf({ background, to }: DecodeJob): Promise<Wall> {
  const { width, height } = to;
  const rgb =
    'file' in background
      ? await (await viaRgb()).backgroundRgb(background.file, to)
      : new Uint8Array(Buffer.alloc(3 * width * height, background.colour.slice(1), 'hex'));
  return { rgb, picture: pictureIn(rgbPicture(rgb, width, height), width, height) };
}

/** Puts one picture as I420 into `into`; gives the size it has when that is not the one it should have. */
async function read(path: string, job: DecodeJob, wall: Wall, into: Uint8Array): Promise<Size | undefined> {
  const { from, window, to } = job;
  const file = await readFile(path);
  const size = webpSize(file);
  if (size && (size.width !== from.width || size.height !== from.height)) return size;
  const asItIs = window.width === to.width && window.height === to.height;
  if (size && asItIs && window.left % 2 === 0 && window.top % 2 === 0) {
    if (!webpPicture(file, window, wall.picture, into)) throw new Error('not a whole WebP picture');
    return undefined;
  }
  const rgb = await (await viaRgb()).pictureRgb(file, job, 'file' in job.background ? wall.rgb : undefined);
  if (!(rgb instanceof Uint8Array)) return rgb;
  into.set(rgbPicture(rgb, to.width, to.height));
  return undefined;
}

async function decode(
  job: DecodeJob,
  { first, step }: Share,
  { memory, each }: Album,
  post: (frame: DecodedFrame) => void,
): Promise<void> {
  let wall: Wall;
  try {
    wall = await wallOf(job);
  } catch (error) {
    post({ frame: -1, problem: 'decode', text: message(error) });
    return;
  }
  for (let frame = first; frame < job.files.length; frame += step) {
    try {
      const other = await read(job.files[frame]!, job, wall, new Uint8Array(memory, frame * each, each));
      post(
        other === undefined ? { frame } : { frame, problem: 'size', text: `${other.width}x${other.height}` },
      );
    } catch (error) {
      post({ frame, problem: 'decode', text: message(error) });
    }
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (parentPort) {
  const port = parentPort;
  const { job, share, album } = workerData as { job: DecodeJob; share: Share; album: Album };
  await decode(job, share, album, (frame) => port.postMessage(frame));
}
