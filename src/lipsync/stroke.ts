import type { Stroke } from '../native.js';
import { type Colour, rgbToYuv } from '../picture/colour.js';
import { alphaStride, type Box, type Picture, planes } from '../picture/picture.js';

/** What all strokes have: square cells, where they go, how much of them is seen. */
export interface Cells {
  /** Cells across and down. */
  readonly size: number;
  /** Where the square lies in the picture; may reach over its edges. */
  readonly box: Box;
  /** `size` x `size` weights, 255 = as the net says, 0 = leave the picture. */
  readonly mask: Uint8Array;
  /** 1 = as the net says, 0 = nothing of it; default 1. */
  readonly fade?: number;
  readonly colour: Colour;
}

/** The kernels of `native/stroke.h`, by number. */
const KERNELS = { paste: 0, warp: 1 } as const;

/**
 * A mouth that is drawn on a frame when it leaves, in C++, on the thread that carries it (`TimedFrame.stroke`): the JS
 * thread serves all sessions and has no time for pixels. `on` is the picture in that frame; what is given here is
 * copied when the frame is.
 *
 * @throws TypeError when `on` does not lie in one piece of memory, or the box has no extent
 */
export function strokeOn(
  on: Picture,
  kernel: keyof typeof KERNELS,
  { size, box, mask, fade = 1, colour }: Cells,
  pixels: Uint8Array,
  reference?: { readonly data: Uint8Array; readonly blueFirst: boolean },
): Stroke {
  const [luma, ...chroma] = planes(on);
  const { alpha } = on;
  if ([...chroma, alpha ?? luma].some(({ buffer }) => buffer !== luma.buffer)) {
    throw new TypeError('Expected a picture whose planes lie in one piece of memory.');
  }
  if (!(box.w > 0 && box.h > 0 && Number.isFinite(box.x) && Number.isFinite(box.y))) {
    throw new TypeError(`Expected a box with an extent but received ${JSON.stringify(box)}.`);
  }
  const offsets = chroma.map(({ byteOffset }) => byteOffset - luma.byteOffset);
  const flags = [colour.siting === 'left' ? 1 : 0, reference?.blueFirst === true ? 1 : 0];
  const clear = alpha === undefined ? [0, 0] : [alpha.byteOffset - luma.byteOffset, alphaStride(on.width)];
  const layout = Int32Array.of(on.width, on.height, 0, ...offsets, ...on.strides, size, ...flags, ...clear);
  const numbers = Float64Array.of(box.x, box.y, box.w, box.h, fade, ...rgbToYuv(colour));
  return [KERNELS[kernel], layout, numbers, pixels, mask, reference?.data];
}
