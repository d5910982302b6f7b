/**
 * Pictures as I420 in GStreamer's own layout, and back to the small RGB squares that models look at.
 *
 * Colours are BT.601, 16..235, chroma between the columns. That is what GStreamer assumes for untagged pictures up
 * to 576 lines, what VP8 always means, what Chromium takes untagged H.264 for, and what WebP stores: the pixels
 * of an avatar pass through no second matrix on their way to the screen. Caps say so, encoders write it down.
 */
export const COLOUR = { matrix: 'bt601', range: 'tv', siting: 'centre' } as const;

/** `COLOUR` in the words of GStreamer's caps. */
export const COLOUR_CAPS = 'colorimetry=bt601, chroma-site=jpeg';

/** Where the planes of a picture lie: rows padded to 4 bytes, planes one after the other. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Bytes between rows of luma and of chroma. */
  readonly stride: number;
  readonly half: number;
  /** Where the two chroma planes begin, and the bytes of all. */
  readonly u: number;
  readonly v: number;
  readonly bytes: number;
}

/** @param width even; @param height even */
export function layout(width: number, height: number): Layout {
  const stride = Math.ceil(width / 4) * 4;
  const half = Math.ceil(width / 8) * 4;
  const u = stride * height;
  const v = u + (half * height) / 2;
  return { width, height, stride, half, u, v, bytes: v + (half * height) / 2 };
}

/** 3-byte RGB rows without padding to I420. 16-bit fixed point: exact to the rounding. */
export function rgbToI420(rgb: Uint8Array, at: Layout): Uint8Array<ArrayBuffer> {
  const { width, height, stride, half } = at;
  const out = new Uint8Array(at.bytes);
  const row = width * 3;
  for (let y = 0; y < height; y += 2) {
    let p = y * row;
    let l = y * stride;
    let c = (y >> 1) * half;
    for (let x = 0; x < width; x += 2, p += 6, l += 2, c++) {
      const q = p + row;
      const r0 = rgb[p]!;
      const g0 = rgb[p + 1]!;
      const b0 = rgb[p + 2]!;
      const r1 = rgb[p + 3]!;
      const g1 = rgb[p + 4]!;
      const b1 = rgb[p + 5]!;
      const r2 = rgb[q]!;
      const g2 = rgb[q + 1]!;
      const b2 = rgb[q + 2]!;
      const r3 = rgb[q + 3]!;
      const g3 = rgb[q + 4]!;
      const b3 = rgb[q + 5]!;
      out[l] = (16829 * r0 + 33039 * g0 + 6416 * b0 + 1081344) >> 16;
      out[l + 1] = (16829 * r1 + 33039 * g1 + 6416 * b1 + 1081344) >> 16;
      out[l + stride] = (16829 * r2 + 33039 * g2 + 6416 * b2 + 1081344) >> 16;
      out[l + stride + 1] = (16829 * r3 + 33039 * g3 + 6416 * b3 + 1081344) >> 16;
      const r = r0 + r1 + r2 + r3;
      const g = g0 + g1 + g2 + g3;
      const b = b0 + b1 + b2 + b3;
      out[at.u + c] = (-9714 * r - 19070 * g + 28784 * b + 33685504) >> 18;
      out[at.v + c] = (28784 * r - 24103 * g - 4681 * b + 33685504) >> 18;
    }
  }
  return out;
}

/** A rectangle in picture pixels; fractions are fine. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The pixels under a box as a `size` x `size` BGR square, smoothly resampled; beyond the edge the edge repeats. */
export function cropBgr(picture: Uint8Array, at: Layout, box: Box, size: number): Uint8Array {
  const chroma = { width: at.width / 2, height: at.height / 2, stride: at.half, step: 2 };
  const y = resample(picture, 0, { ...at, step: 1 }, box, size);
  const u = resample(picture, at.u, chroma, box, size);
  const v = resample(picture, at.v, chroma, box, size);
  const out = new Uint8Array(3 * size * size);
  const byte = (value: number) => (value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value));
  for (let i = 0; i < size * size; i++) {
    const l = (y[i]! - 16) * (255 / 219);
    const cb = (u[i]! - 128) * (255 / 224);
    const cr = (v[i]! - 128) * (255 / 224);
    out[3 * i] = byte(l + 1.772 * cb);
    out[3 * i + 1] = byte(l - 0.344136 * cb - 0.714136 * cr);
    out[3 * i + 2] = byte(l + 1.402 * cr);
  }
  return out;
}

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  /** Picture pixels per sample. */
  readonly step: number;
}

/** One plane under a box, by a triangle filter as wide as an output pixel: smooth both ways, no aliasing down. */
function resample(data: Uint8Array, offset: number, plane: Plane, box: Box, size: number): Float32Array {
  const across = taps(box.x, box.w, size, plane.step, plane.width);
  const down = taps(box.y, box.h, size, plane.step, plane.height);
  const rows = down.last - down.first + 1;
  const wide = new Float32Array(rows * size);
  for (let j = 0; j < rows; j++) {
    const row = offset + (down.first + j) * plane.stride;
    for (let k = 0; k < size; k++) {
      let sum = 0;
      for (let t = 0; t < across.count; t++)
        sum += data[row + across.index[k * across.count + t]!]! * across.weight[k * across.count + t]!;
      wide[j * size + k] = sum;
    }
  }
  const out = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let t = 0; t < down.count; t++) {
      const weight = down.weight[i * down.count + t]!;
      const row = (down.index[i * down.count + t]! - down.first) * size;
      for (let k = 0; k < size; k++) out[i * size + k]! += wide[row + k]! * weight;
    }
  }
  return out;
}

function taps(origin: number, extent: number, size: number, step: number, limit: number) {
  const pitch = extent / size / step; // samples per output pixel
  const radius = Math.max(1, pitch);
  const count = Math.ceil(2 * radius) + 1;
  const index = new Int32Array(size * count);
  const weight = new Float32Array(size * count);
  let first = limit - 1;
  let last = 0;
  for (let k = 0; k < size; k++) {
    const centre = origin / step + (k + 0.5) * pitch - 0.5;
    const from = Math.ceil(centre - radius);
    let sum = 0;
    for (let t = 0; t < count; t++) {
      const w = Math.max(0, 1 - Math.abs(from + t - centre) / radius);
      const i = Math.min(limit - 1, Math.max(0, from + t));
      index[k * count + t] = i;
      weight[k * count + t] = w;
      sum += w;
      if (w > 0) {
        first = Math.min(first, i);
        last = Math.max(last, i);
      }
    }
    for (let t = 0; t < count; t++) weight[k * count + t]! /= sum;
  }
  // taps of weight 0 may lie outside what is read: point them inside
  for (let n = 0; n < index.length; n++) index[n] = Math.min(last, Math.max(first, index[n]!));
  return { count, index, weight, first, last };
}
