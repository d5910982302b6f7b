/** Where a model's picture is seen: from the nose down to the jaw, and softly to nothing beyond it. */
import { join } from 'node:path';
import sharp from 'sharp';
import type { Point, Points } from '../../face/index.js';
import type { Box } from '../../picture/picture.js';
import type { Boxes, Track } from './track.js';

/** Side of a mask, cells. */
const SIDE = 256;
/** Softness of the line along the jaw, and how far beyond the points it lies, in parts of the box. */
const SOFT = 0.025;
const BEYOND = 0.03;
/** How far above the base of the nose it begins. */
const ABOVE = 0.04;
/** Where a mask is whole again, counted from the edges of the box, which are never touched: sides, bottom. */
const RIM = { sides: 0.08, bottom: 0.06 };
/** Models that paint a whole square, by the boxes they are shown. */
const PAINTERS = ['wav2lip', 'musetalk'] as const satisfies readonly (keyof Boxes)[];

/** Writes a mask for each of the boxes of models that paint, and answers their files' names. */
export async function writeMasks(folder: string, track: Track): Promise<Record<string, string>> {
  const masks: Record<string, string> = {};
  for (const kind of PAINTERS) {
    const shape = meanShape(
      track.mouths.map(({ points }) => points),
      track.boxes.map((boxes) => boxes[kind]),
    );
    const file = `${kind}-mask.png`;
    await sharp(await jawMask(shape), { raw: { width: SIDE, height: SIDE, channels: 1 } })
      .png()
      .toFile(join(folder, file));
    masks[kind] = file;
  }
  return masks;
}

/** The points in parts of the box, mean of all pictures. */
function meanShape(all: readonly Points[], boxes: readonly Box[]): Point[] {
  return all[0]!.map((_, n) => {
    let [x, y] = [0, 0];
    for (const [i, points] of all.entries()) {
      const box = boxes[i]!;
      x += (points[n]!.x - box.x) / box.w / all.length;
      y += (points[n]!.y - box.y) / box.h / all.length;
    }
    return { x, y };
  });
}

/** 255 where all of a model's picture is seen. @param shape 68 points in parts of the box */
export async function jawMask(shape: Points): Promise<Uint8Array> {
  const nose = shape[33]!;
  const top = nose.y - ABOVE;
  const jaw = shape.slice(0, 17).filter(({ y }) => y > top);
  const [first, last] = [jaw[0] ?? { x: 0, y: 1 }, jaw.at(-1) ?? { x: 1, y: 1 }];
  const outline = [{ x: first.x, y: top }, ...jaw, { x: last.x, y: top }].map(({ x, y }) => {
    const at = { x: x + BEYOND * Math.sign(x - nose.x), y: y === top ? y : y + BEYOND };
    return `${(SIDE * at.x).toFixed(2)},${(SIDE * at.y).toFixed(2)}`;
  });
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%"/><polygon fill="#fff" points="${outline.join(' ')}"/></svg>`;
  const cells = await sharp(Buffer.from(drawing))
    .blur(SOFT * SIDE)
    .toColourspace('b-w')
    .raw({ depth: 'uchar' })
    .toBuffer();
  const step = cells.length / SIDE ** 2;
  return Uint8Array.from({ length: SIDE ** 2 }, (_, i) => {
    const [x, y] = [((i % SIDE) + 0.5) / SIDE, (Math.floor(i / SIDE) + 0.5) / SIDE];
    return cells[step * i]! * rise(Math.min(x, 1 - x), RIM.sides) * rise(1 - y, RIM.bottom);
  });
}

/** 0 at an edge, softly up to 1 so far inside of it. */
function rise(inside: number, whole: number): number {
  const t = Math.min(1, Math.max(0, inside / whole));
  return t * t * (3 - 2 * t);
}
