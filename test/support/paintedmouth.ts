/** A mouth of known shape: skin, red lips, and between them teeth with a dark rim. */
import sharp from 'sharp';
import type { Points } from '../../src/face/index.js';
import { rgbPicture } from '../../src/picture/picture.js';

/** Side of the picture, pixels. */
export const SIDE = 240;
const [LEFT, RIGHT, LINE] = [80, 160, 120] as const;

/** How far the upper and the lower edge of the gap lie from the line between the corners in its middle, pixels, down. */
export interface Gap {
  readonly upper: number;
  readonly lower: number;
}

const arc = (depth: number, s: number) => 4 * s * (1 - s) * depth;
const path = (depth: number) =>
  Array.from({ length: 41 }, (_, i) => `${LEFT + ((RIGHT - LEFT) * i) / 40},${LINE + arc(depth, i / 40)}`);

/** The picture as RGB rows. */
export async function paintedMouth({ upper, lower }: Gap, teeth = '#f2efe8'): Promise<Buffer> {
  const shape = (top: number, bottom: number, fill: string) =>
    `<polygon points="${[...path(top), ...path(bottom).reverse()].join(' ')}" fill="${fill}"/>`;
  const svg =
    `<svg width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%" fill="#d8b09a"/>` +
    shape(upper - 14, lower + 18, '#b04050') +
    (lower > upper ? shape(upper, lower, '#301018') + shape(upper, lower - 1.5, teeth) : '') +
    '</svg>';
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}

/** The same as I420. */
export function asPicture(rgb: Buffer): Uint8Array {
  return rgbPicture(rgb, SIDE, SIDE);
}

/** Points as a net would give them: true but for `off`, pixels by which the inner lips are seen too far apart. */
export function mouthPoints({ upper, lower }: Gap, off = 0): Points {
  const on = (depth: number, s: number, dy = 0) => ({
    x: LEFT + s * (RIGHT - LEFT),
    y: LINE + arc(depth, s) + (s > 0 && s < 1 ? dy : 0),
  });
  const sixths = [0, 1, 2, 3, 4, 5, 6].map((i) => i / 6);
  const jaw = Array.from({ length: 17 }, (_, i) => {
    const angle = (Math.PI * i) / 16;
    return { x: 120 - 90 * Math.cos(angle), y: 60 + 140 * Math.sin(angle) };
  });
  const nose = Array.from({ length: 9 }, (_, i) => ({
    x: i < 4 ? 120 : 104 + (i - 4) * 8,
    y: i < 4 ? 50 + 10 * i : 88,
  }));
  const rest = Array.from({ length: 10 + 12 }, (_, i) => ({ x: 60 + 6 * i, y: 40 }));
  const quarters = [0, 0.25, 0.5, 0.75, 1];
  return [
    ...jaw,
    ...rest.slice(0, 10),
    ...nose,
    ...rest.slice(10),
    ...sixths.map((s) => on(upper - 14, s)),
    ...sixths
      .slice(1, 6)
      .reverse()
      .map((s) => on(lower + 18, s)),
    ...quarters.map((s) => on(upper, s, -off)),
    ...[0.75, 0.5, 0.25].map((s) => on(lower, s, off)),
  ];
}
