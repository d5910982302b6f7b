import { native } from '../native.js';
import { type Colour, yuvToRgb } from './colour.js';

/**
 * An I420 picture: luma, then blue and red difference at half width and height (rounded up).
 * Rows of plane p begin `strides[p]` bytes apart.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly planes: readonly [Uint8Array, Uint8Array, Uint8Array];
  readonly strides: readonly [number, number, number];
  /** How opaque its pixels are, where it says so: A420; rows `alphaStride(width)` apart. */
  readonly alpha?: Uint8Array;
}

/** A rectangle in picture pixels; fractions are fine, x right, y down. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

const up = (n: number, to: number) => Math.ceil(n / to) * to;

/** Bytes of an I420 picture in GStreamer's own layout (rows padded to 4 bytes). */
export function pictureBytes(width: number, height: number): number {
  const chroma = up(up(width, 2) / 2, 4);
  return up(height, 2) * up(width, 4) + up(height, 2) * chroma;
}

/** Bytes of an A420 picture in GStreamer's own layout: I420, and a plane that says how opaque each pixel is. */
export function alphaPictureBytes(width: number, height: number): number {
  return pictureBytes(width, height) + alphaStride(width) * up(height, 2);
}

/** Bytes between the rows of the alpha plane. */
export function alphaStride(width: number): number {
  return up(width, 4);
}

/**
 * The alpha plane of an A420 picture: 0 is clear, 255 opaque; colours are as they are without it.
 * @throws TypeError when `data` is too short
 */
export function alphaIn(data: Uint8Array, width: number, height: number): Uint8Array {
  const [from, to] = [pictureBytes(width, height), alphaPictureBytes(width, height)];
  if (data.length < to)
    throw new TypeError(`Expected ${to} bytes for ${width}x${height} A420 but received ${data.length}.`);
  return data.subarray(from, to);
}

/**
 * The planes of an I420 picture that lies in `data` as GStreamer lays it out.
 * @throws TypeError when `data` is too short
 */
export function pictureIn(data: Uint8Array, width: number, height: number): Picture {
  const bytes = pictureBytes(width, height);
  if (data.length < bytes) {
    throw new TypeError(`Expected ${bytes} bytes for ${width}x${height} I420 but received ${data.length}.`);
  }
  const luma = up(width, 4);
  const chroma = up(up(width, 2) / 2, 4);
  const first = luma * up(height, 2);
  const second = first + (chroma * up(height, 2)) / 2;
  return {
    width,
    height,
    planes: [data.subarray(0, first), data.subarray(first, second), data.subarray(second, bytes)],
    strides: [luma, chroma, chroma],
  };
}

/** Copies `from` over `to`, which has the same size; strides may differ. A 512x512 picture takes 40 us. */
export function copyPicture(to: Picture, from: Picture): void {
  if (to.width !== from.width || to.height !== from.height) {
    throw new TypeError(
      `Expected a ${to.width}x${to.height} picture but received ${from.width}x${from.height}.`,
    );
  }
  const layout = Int32Array.of(to.width, to.height, ...to.strides, ...from.strides);
  native.copyPicture(...planes(to), ...planes(from), layout);
}

/**
 * Mixes `from` into `to`: 0 leaves it, 1 makes it `from`. Both are whole pictures of the same size as they lie in memory.
 * @throws TypeError when they are not of the same length, or the share is none
 */
export function mixPictures(to: Uint8Array, from: Uint8Array, share: number): void {
  if (to.length !== from.length || !(share >= 0 && share <= 1)) {
    throw new TypeError(
      `Expected two pictures of ${to.length} bytes and a share from 0 to 1 but received ${from.length} bytes and ${share}.`,
    );
  }
  native.mixPictures(to, from, Math.round(256 * share));
}

/**
 * 3-byte RGB rows without padding as an I420 picture in BT.601, 16..235 (`AVATAR_COLOUR`), the same bytes on every
 * machine. A 512x512 picture takes 0.4 ms.
 *
 * @param width even; @param height even
 */
export function rgbPicture(rgb: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  if (width % 2 !== 0 || height % 2 !== 0 || rgb.length !== 3 * width * height) {
    throw new TypeError(`Expected ${width}x${height} RGB pixels, even, but received ${rgb.length} bytes.`);
  }
  const data = new Uint8Array(pictureBytes(width, height));
  const to = pictureIn(data, width, height);
  native.fillPicture(...planes(to), Int32Array.of(width, height, ...to.strides), rgb);
  return data;
}

/** The largest rectangle of the shape of `inner` that fits the middle of `outer`; the rest is letterbox. */
export function fitInto(
  outer: { width: number; height: number },
  inner: { width: number; height: number },
): Box {
  const scale = Math.min(outer.width / inner.width, outer.height / inner.height);
  const w = inner.width * scale;
  const h = inner.height * scale;
  return { x: (outer.width - w) / 2, y: (outer.height - h) / 2, w, h };
}

/**
 * Scales `from` into the rectangle `box` of `to`, and makes the rest black: `blackLuma` is 16, full range 0.
 * With `'keep'` the rest stays as it is.
 */
export function scalePicture(to: Picture, from: Picture, box: Box, blackLuma: number | 'keep' = 16): void {
  const layout = Int32Array.of(to.width, to.height, ...to.strides, from.width, from.height, ...from.strides);
  const numbers = Float64Array.of(box.x, box.y, box.w, box.h, blackLuma === 'keep' ? -1 : blackLuma);
  native.scalePicture(...planes(to), ...planes(from), layout, numbers);
}

/**
 * The square under `box` as `size` x `size` pixels of 3 bytes, area-weighted; beyond the picture its edge repeats.
 * 0.4 ms for 96 pixels of a 512x512 picture, so done once per avatar frame.
 */
export function cropPicture(
  picture: Picture,
  box: Box,
  size: number,
  order: 'RGB' | 'BGR',
  colour: Colour,
): Uint8Array<ArrayBuffer> {
  const { width, height, strides } = picture;
  const flags = [order === 'BGR' ? 1 : 0, colour.siting === 'left' ? 1 : 0];
  const out = new Uint8Array(3 * size * size);
  const numbers = Float64Array.of(box.x, box.y, box.w, box.h, ...yuvToRgb(colour));
  native.cropPicture(
    ...planes(picture),
    Int32Array.of(width, height, ...strides, size, ...flags),
    out,
    numbers,
  );
  return out;
}

/** The planes for a native kernel, which trusts them, so they are measured here. @throws TypeError when one is short */
export function planes(picture: Picture): [Uint8Array, Uint8Array, Uint8Array] {
  for (const [p, plane] of picture.planes.entries()) {
    const width = p === 0 ? picture.width : Math.ceil(picture.width / 2);
    const height = p === 0 ? picture.height : Math.ceil(picture.height / 2);
    const stride = picture.strides[p]!;
    if (!(width > 0 && height > 0 && stride >= width && plane.length >= stride * (height - 1) + width)) {
      throw new TypeError(
        `Expected plane ${p} of ${picture.width}x${picture.height} but received ${plane.length} bytes with stride ${stride}.`,
      );
    }
  }
  return [...picture.planes];
}
