import { open } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { readRows, TensorList } from '../../checkpoint/index.js';
import { TalkError } from '../../element/error.js';
import { toHalves } from '../../inference/index.js';
import type { BoxRow } from '../package.js';
import { numberedImages } from './images.js';

/** Numbers of a frame's latents: [8, 32, 32]. */
const NUMBERS = 8 * 32 * 32;
/** Side of the mask that is made, pixels: what MuseTalk paints. */
const SIDE = 256;
/** Masks that are looked at: they are made of the same face again and again. */
const LOOKED_AT = 48;

/** The part of an import that only MuseTalk has. */
export interface MuseTalkFolder {
  readonly folder: string;
  /** Frames that are imported: the first ones. */
  readonly frames: number;
  /** Frames there are; twice as many where they were written there and back. */
  readonly total: number;
  /** Boxes of those. */
  readonly boxes: readonly BoxRow[];
  /** Frames of those without a face. */
  readonly without: readonly number[];
}

/**
 * Writes what MuseTalk is shown, float16, frame behind frame. Its generator leaves frames without a face out of the latents
 * and not out of the other lists; they get those of the frame before.
 * @throws TalkError stream/format when there are too few, or of another shape
 */
export async function copyLatents(
  to: string,
  { folder, frames, total, without }: MuseTalkFolder,
): Promise<void> {
  const path = join(folder, 'latents.pt');
  const list = await TensorList.open(path);
  try {
    const { count, shape } = list;
    if (shape.reduce((product, n) => product * n, 1) !== NUMBERS) {
      throw new TalkError(
        'stream/format',
        `${path}: its latents are [${shape}], MuseTalk takes [1, 8, 32, 32].`,
        {
          details: { file: path },
        },
      );
    }
    // As long as the other lists: nothing was left out.
    const whole = count >= total;
    if (count < frames - without.length) {
      throw new TalkError('stream/format', `${path} has latents of ${count} frames, there are ${frames}.`, {
        details: { file: path },
      });
    }
    const file = await open(to, 'w');
    try {
      let left = 0;
      for (let frame = 0; frame < frames; frame++) {
        const faceless = !whole && without.includes(frame);
        if (faceless) left++;
        const halves = toHalves(await list.floats(Math.max(0, frame - left)));
        await file.write(new Uint8Array(halves.buffer));
      }
    } finally {
      await file.close();
    }
  } finally {
    await list.close();
  }
}

/**
 * One mask for all frames, the mean of theirs as it lies in the box: they differ by what a face parser saw in each, which is
 * seen as flicker along the jaw. Answers by how much they do, in levels of 255.
 * @throws TalkError for what cannot be read
 */
export async function meanMask(
  to: string,
  { folder, frames, boxes, without }: MuseTalkFolder,
): Promise<number> {
  const images = await numberedImages(join(folder, 'mask'));
  const around = await readRows(join(folder, 'mask_coords.pkl'), 4);
  const known = Math.min(frames, images.length, around.length);
  const step = Math.max(1, Math.floor(known / LOOKED_AT));
  const masks: Buffer[] = [];
  for (let n = 0; n < known; n += step) {
    if (without.includes(n)) continue;
    masks.push(await inBox(images[n]!, around[n]!, boxes[n]!));
  }
  if (masks.length === 0) throw new TalkError('stream/format', `${folder}: no frame has a mask and a face.`);
  const mean = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < mean.length; i++) {
    mean[i] = Math.round(masks.reduce((sum, mask) => sum + mask[i]!, 0) / masks.length);
  }
  await sharp(mean, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .png()
    .toFile(to);
  const off = masks.map((mask) => mask.reduce((sum, v, i) => sum + Math.abs(v - mean[i]!), 0) / mean.length);
  return Math.max(...off);
}

/** The part of a mask that lies in the box, as large as what is painted there. The mask covers a square around the box. */
async function inBox(
  image: string,
  [left = 0, top = 0, right = 0, bottom = 0]: readonly number[],
  box: BoxRow,
) {
  const { width, height } = await sharp(image).metadata();
  const across = width / Math.max(1, right - left);
  const down = height / Math.max(1, bottom - top);
  const x = Math.max(0, Math.round((box[0] - left) * across));
  const y = Math.max(0, Math.round((box[1] - top) * down));
  const region = {
    left: Math.min(x, width - 1),
    top: Math.min(y, height - 1),
    width: Math.max(1, Math.min(width - x, Math.round(box[2] * across))),
    height: Math.max(1, Math.min(height - y, Math.round(box[3] * down))),
  };
  return await sharp(image)
    .toColourspace('b-w')
    .extract(region)
    .resize(SIDE, SIDE, { fit: 'fill' })
    .raw({ depth: 'uchar' })
    .toBuffer();
}
