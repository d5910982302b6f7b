import { native } from '../native.js';
import { alphaIn, alphaStride, type Picture, pictureIn, planes } from './picture.js';

/** The size of a still WebP picture, pixels; undefined for another format and for an animation. */
export function webpSize(file: Uint8Array): { width: number; height: number } | undefined {
  return native.webpSize(file);
}

/**
 * A WebP file as an I420 picture in `AVATAR_COLOUR` (which is what WebP itself codes), before `wall`, which shows
 * through where the file is transparent. Straight from libwebp's planes: 3 ms for 512x768, a fifth of the way over RGB.
 *
 * @param at the corner of the part of the file to show, even; it is as large as `wall`, which is even and without padding
 * @param into where it goes, `pictureBytes` of the wall's size
 * @returns false when the file is broken; what is in `into` then is no picture
 */
export function webpPicture(
  file: Uint8Array,
  at: { left: number; top: number },
  wall: Picture,
  into: Uint8Array,
): boolean {
  const { width, height, strides } = wall;
  even({ left: at.left, top: at.top, width, height });
  const to = pictureIn(into, width, height);
  if (to.strides.some((stride, p) => stride !== strides[p])) {
    throw new TypeError(
      `Expected strides ${to.strides.join(', ')} of the wall but received ${strides.join(', ')}.`,
    );
  }
  return decode(file, at, to, wall, { stride: 0, plane: NONE });
}

const NONE = new Uint8Array(0);

/**
 * A WebP file as an A420 picture: what it codes, and how opaque each pixel is; 255 where the file says nothing of it.
 *
 * @param at the corner of the part of the file to show, even
 * @param size of that part, even
 * @param into where it goes, `alphaPictureBytes` of that size
 * @returns false when the file is broken; what is in `into` then is no picture
 */
export function webpAlphaPicture(
  file: Uint8Array,
  at: { left: number; top: number },
  size: { width: number; height: number },
  into: Uint8Array,
): boolean {
  even({ left: at.left, top: at.top, width: size.width, height: size.height });
  const to = pictureIn(into, size.width, size.height);
  const plane = alphaIn(into, size.width, size.height);
  return decode(file, at, to, to, { stride: alphaStride(size.width), plane });
}

function decode(
  file: Uint8Array,
  { left, top }: { left: number; top: number },
  to: Picture,
  wall: Picture,
  alpha: { stride: number; plane: Uint8Array },
): boolean {
  const layout = Int32Array.of(to.width, to.height, ...to.strides, left, top, alpha.stride);
  return native.decodeWebp(...planes(to), ...planes(wall), layout, file, alpha.plane);
}

function even(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value < 0 || value % 2 !== 0)
      throw new TypeError(`Expected an even number for ${name} but received ${value}.`);
  }
}
