import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { CLIPS } from '../../src/avatar/folders.js';
import { formatManifest, MANIFEST } from '../../src/avatar/manifest.js';

/** What `putAvatar` draws. */
export interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Side of the face box; it moves a fraction of a pixel per frame. */
  readonly side: number;
}

/** Luma of the upper left corner of frame n: tells which frame a picture was made of. */
export const cornerOf = (n: number): number => 40 + 8 * n;

/**
 * Writes an avatar with a soft gradient "face", a dark line where a mouth would be, and a flat corner whose
 * brightness names the frame. In a folder `clips` it becomes a clip.
 */
export async function putAvatar(
  root: string,
  name: string,
  drawn: Drawn,
  more: { sound?: string } = {},
): Promise<string> {
  const { width, height, frames, side } = drawn;
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  const boxes = Array.from({ length: frames }, (_, n) => boxOf(drawn, n));
  for (const [n, [x, y]] of boxes.entries()) {
    const rgb = Buffer.alloc(width * height * 3);
    // The RGB grey that BT.601 stores as this luma.
    const corner = Math.round(((cornerOf(n) - 16) * 255) / 219);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const at = 3 * (row * width + column);
        if (row < 8 && column < 8) {
          rgb.fill(corner, at, at + 3);
          continue;
        }
        const u = (column - x!) / side;
        const v = (row - y!) / side;
        const shade = 150 + 50 * Math.sin(u * 3) * Math.cos(v * 2);
        const line = Math.abs(v - 0.6) < 0.02 && Math.abs(u - 0.5) < 0.18 ? 0.4 : 1;
        rgb[at] = shade * line;
        rgb[at + 1] = shade * 0.8 * line;
        rgb[at + 2] = shade * 0.7 * line;
      }
    }
    const file = join(folder, `${n}.png`);
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
  }
  const manifest = {
    name,
    width,
    height,
    framerate: '25/1',
    frames,
    files: '%d.png',
    loop: 'there-and-back',
    ...more,
    // A clip need not say where its mouth is.
    ...(basename(root) === CLIPS ? {} : { boxes }),
  } as const;
  await writeFile(join(folder, MANIFEST), formatManifest(manifest, ['Made by a test.']));
  return root;
}

/** The box of frame n: x, y, side, side. */
export function boxOf({ width, height, side }: Drawn, n: number): [number, number, number, number] {
  return [(width - side) / 2 + 0.3 * n, height - side - 2 - 0.2 * n, side, side];
}
