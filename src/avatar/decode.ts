/**
 * The thread that reads an avatar's pictures: decode, cut out, scale, put before the background, turn into I420,
 * hand over.
 * It gets a `DecodeJob` as workerData, posts one `DecodedFrame` per picture and ends.
 */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { rgbPicture } from '../picture/picture.js';
import type { Background } from './background.js';
import type { Size, Window } from './framing.js';

// Every file is read once: libvips' cache would only keep files open.
sharp.cache(false);

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

/** One picture, or why there is none; the background counts as number -1. */
export type DecodedFrame =
  | { readonly frame: number; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly frame: number; readonly problem: 'decode' | 'size'; readonly text: string };

/** Pictures in the works at the same time: enough to keep libvips' threads busy, few megabytes of RGB. */
const AHEAD = 4;

const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

/** One picture as RGB pixels, or the size it has when that is not the one it should have. */
async function read(
  file: string,
  { from, window, to, background }: DecodeJob,
  wall: Buffer | undefined,
): Promise<Buffer | Size> {
  let image = sharp(file, { failOn: 'error' });
  const { width, height } = await image.metadata();
  if (width !== from.width || height !== from.height) return { width, height };
  if (window.width !== width || window.height !== height) image = image.extract(window);
  const colour = 'colour' in background ? background.colour : '#000000';
  if (to.width !== window.width || to.height !== window.height) {
    image = image.resize(to.width, to.height, {
      fit: 'contain',
      background: wall === undefined ? colour : CLEAR,
    });
  }
  if (wall === undefined) return image.flatten({ background: colour }).toColourspace('srgb').raw().toBuffer();
  const input = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer();
  return sharp(wall, { raw: { ...to, channels: 3 } })
    .composite([{ input, raw: { ...to, channels: 4 } }])
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** The background picture as RGB pixels, filling the frame; nothing for a colour. */
async function wallOf({ background, to }: DecodeJob): Promise<Buffer | undefined> {
  if (!('file' in background)) return undefined;
  return sharp(background.file, { failOn: 'error' })
    .resize(to.width, to.height, { fit: 'cover' })
    .flatten({ background: '#000000' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}

async function decode(job: DecodeJob, post: (frame: DecodedFrame, transfer?: ArrayBuffer[]) => void) {
  const { width, height } = job.to;
  let wall: Buffer | undefined;
  try {
    wall = await wallOf(job);
  } catch (error) {
    post({ frame: -1, problem: 'decode', text: message(error) });
    return;
  }
  let next = 0;
  const lane = async () => {
    while (next < job.files.length) {
      const frame = next++;
      try {
        const rgb = await read(job.files[frame]!, job, wall);
        if ('length' in rgb) {
          const data = rgbPicture(rgb, width, height);
          post({ frame, data }, [data.buffer]);
        } else {
          post({ frame, problem: 'size', text: `${rgb.width}x${rgb.height}` });
        }
      } catch (error) {
        post({ frame, problem: 'decode', text: message(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AHEAD }, lane));
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (parentPort) {
  const port = parentPort;
  await decode(workerData as DecodeJob, (frame, transfer) => port.postMessage(frame, transfer));
}
