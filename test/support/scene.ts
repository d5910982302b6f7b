import type { MouthState, Place } from '../../src/lipsync/mouth.js';
import { type Paste, pasteStroke } from '../../src/lipsync/paste.js';
import { type Warp, warpStroke } from '../../src/lipsync/warp.js';
import { native, type Stroke } from '../../src/native.js';
import { type Colour, rgbToYuv } from '../../src/picture/colour.js';
import { type Box, type Picture, pictureBytes, pictureIn } from '../../src/picture/picture.js';

/** RGB (0..255, fractions kept) of a smooth test scene at picture coordinate (x, y). */
export type Scene = (x: number, y: number) => readonly [number, number, number];

/** Slow waves in all three channels: nothing a resampler has to lose. */
export const waves: Scene = (x, y) => [
  120 + 60 * Math.sin(x / 23) + 30 * Math.cos(y / 31),
  110 + 50 * Math.cos((x + y) / 37),
  100 + 40 * Math.sin(y / 19) + 20 * Math.sin(x / 41),
];

/** Draws a scene as I420: chroma from the scene's colour at the chroma sample's own place. */
export function draw(scene: Scene, width: number, height: number, colour: Colour): Picture {
  const picture = pictureIn(new Uint8Array(pictureBytes(width, height)), width, height);
  const m = rgbToYuv(colour);
  const component = (row: number, x: number, y: number) => {
    const [r, g, b] = scene(x, y);
    return Math.round(m[9 + row]! + m[3 * row]! * r + m[3 * row + 1]! * g + m[3 * row + 2]! * b);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      picture.planes[0][y * picture.strides[0] + x] = component(0, x + 0.5, y + 0.5);
    }
  }
  for (const p of [1, 2] as const) {
    for (let y = 0; y < Math.ceil(height / 2); y++) {
      for (let x = 0; x < Math.ceil(width / 2); x++) {
        const at = 2 * x + (colour.siting === 'left' ? 0.5 : 1);
        picture.planes[p][y * picture.strides[p] + x] = component(p, at, 2 * y + 1);
      }
    }
  }
  return picture;
}

/** The square crop of a scene under `box`, `size` x `size` pixels, sampled at their middles. */
export function crop(scene: Scene, box: Box, size: number, order: 'RGB' | 'BGR' = 'RGB'): Uint8Array {
  const out = new Uint8Array(3 * size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const rgb = scene(box.x + ((column + 0.5) * box.w) / size, box.y + ((row + 0.5) * box.h) / size);
      const at = 3 * (row * size + column);
      for (let c = 0; c < 3; c++) out[at + c] = Math.round(rgb[order === 'RGB' ? c : 2 - c]!);
    }
  }
  return out;
}

/** A copy of a picture that shares nothing with it. */
export function copyOf(picture: Picture): Picture {
  return pictureIn(dataOf(picture).slice(), picture.width, picture.height);
}

/** The memory a picture of `draw` or `copyOf` lies in. */
function dataOf({ planes: [luma], width, height }: Picture): Uint8Array {
  return new Uint8Array(luma.buffer, luma.byteOffset, pictureBytes(width, height));
}

function drawNow(on: Picture, stroke: Stroke): void {
  native.drawNow(dataOf(on), stroke);
}

/** Blends a patch in at once. */
export function pastePatch(on: Picture, paste: Paste): void {
  drawNow(on, pasteStroke(on, paste));
}

/** Moves and paints at once. */
export function warpPatch(on: Picture, warp: Warp): void {
  drawNow(on, warpStroke(on, warp));
}

/** Draws what a mouth is now, if it is open. */
export function drawMouth(on: Picture, mouth: MouthState, place: Place): void {
  const stroke = mouth.stroke(on, place);
  if (stroke !== undefined) drawNow(on, stroke);
}

/** Largest difference over the pixels (of all planes) whose luma place passes `where`. */
export function difference(a: Picture, b: Picture, where: (x: number, y: number) => boolean): number {
  let worst = 0;
  for (const p of [0, 1, 2] as const) {
    const step = p === 0 ? 1 : 2;
    for (let y = 0; y * step < a.height; y++) {
      for (let x = 0; x * step < a.width; x++) {
        if (!where(step * (x + 0.5), step * (y + 0.5))) continue;
        worst = Math.max(
          worst,
          Math.abs(a.planes[p][y * a.strides[p] + x]! - b.planes[p][y * b.strides[p] + x]!),
        );
      }
    }
  }
  return worst;
}
