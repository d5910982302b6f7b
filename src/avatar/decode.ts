/**
 * The thread that reads an avatar's pictures: decode, scale, turn into I420, hand over.
 * It gets a `DecodeJob` as workerData, posts one `DecodedFrame` per picture and ends.
 */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { rgbPicture } from '../picture/picture.js';

// Every file is read once: libvips' cache would only keep files open.
sharp.cache(false);

/** What to read. */
export interface DecodeJob {
  readonly files: readonly string[];
  /** What the manifest says the pictures measure, and what they should become. */
  readonly from: { readonly width: number; readonly height: number };
  readonly to: { readonly width: number; readonly height: number };
}

/** One picture, or why there is none. */
export type DecodedFrame =
  | { readonly frame: number; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly frame: number; readonly problem: 'decode' | 'size'; readonly text: string };

/** Pictures in the works at the same time: enough to keep libvips' threads busy, few megabytes of RGB. */
const AHEAD = 4;

async function read(
  file: string,
  { from, to }: DecodeJob,
): Promise<Buffer | { width: number; height: number }> {
  const image = sharp(file, { failOn: 'error' });
  const { width, height } = await image.metadata();
  if (width !== from.width || height !== from.height) return { width, height };
  const scaled =
    to.width === from.width && to.height === from.height
      ? image
      : image.resize(to.width, to.height, { fit: 'contain', background: '#000000' });
  return scaled.flatten({ background: '#000000' }).toColourspace('srgb').raw().toBuffer();
}

async function decode(job: DecodeJob, post: (frame: DecodedFrame, transfer?: ArrayBuffer[]) => void) {
  const { width, height } = job.to;
  let next = 0;
  const lane = async () => {
    while (next < job.files.length) {
      const frame = next++;
      try {
        const rgb = await read(job.files[frame]!, job);
        if ('length' in rgb) {
          const data = rgbPicture(rgb, width, height);
          post({ frame, data }, [data.buffer]);
        } else {
          post({ frame, problem: 'size', text: `${rgb.width}x${rgb.height}` });
        }
      } catch (error) {
        post({ frame, problem: 'decode', text: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AHEAD }, lane));
}

if (parentPort) {
  const port = parentPort;
  await decode(workerData as DecodeJob, (frame, transfer) => port.postMessage(frame, transfer));
}
