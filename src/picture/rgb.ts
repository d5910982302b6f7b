import { type Colour, yuvToRgb } from './colour.js';
import type { Picture } from './picture.js';

/** Bits behind the point. */
const FINE = 14;

/**
 * An I420 picture as RGB rows without padding, rounded once. (`videoconvert` from I420 to RGB is up to 4 levels off, mostly
 * in green.) A chroma sample is that of its four pixels, so that the way back gives the same picture. 8 ms for 576x768.
 */
export function rgbOf({ width, height, planes, strides }: Picture, colour: Colour): Uint8Array<ArrayBuffer> {
  const m = yuvToRgb(colour);
  const [ry, ru, rv, gy, gu, gv, by, bu, bv] = m.slice(0, 9).map((v) => Math.round(v * (1 << FINE))) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [black = 0, blue = 128, red = 128] = m.slice(9);
  const half = 1 << (FINE - 1);
  const [Y, U, V] = planes;
  const rgb = new Uint8ClampedArray(3 * width * height);
  let out = 0;
  for (let row = 0; row < height; row++) {
    const luma = row * strides[0];
    const [u0, v0] = [(row >> 1) * strides[1], (row >> 1) * strides[2]];
    for (let column = 0; column < width; column++) {
      const y = Y[luma + column]! - black;
      const u = U[u0 + (column >> 1)]! - blue;
      const v = V[v0 + (column >> 1)]! - red;
      rgb[out++] = (ry * y + ru * u + rv * v + half) >> FINE;
      rgb[out++] = (gy * y + gu * u + gv * v + half) >> FINE;
      rgb[out++] = (by * y + bu * u + bv * v + half) >> FINE;
    }
  }
  return new Uint8Array(rgb.buffer);
}
