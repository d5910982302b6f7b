import type { Box } from '../picture/picture.js';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The part of an avatar's pictures that is shown, whole pixels. */
export type Window = Size & { readonly left: number; readonly top: number };

/**
 * The window to show in a picture of size `to`: of the whole picture and the avatar's framings the one nearest in
 * shape, the whole picture when two are as near.
 */
export function frameFor(
  whole: Size,
  framings: readonly (readonly [number, number, number, number])[],
  to: Size,
): Window {
  const windows = [
    { left: 0, top: 0, width: whole.width, height: whole.height },
    ...framings.map(([left, top, width, height]) => ({ left, top, width, height })),
  ];
  const off = ({ width, height }: Size) => Math.abs(Math.log((width * to.height) / (height * to.width)));
  return windows.reduce((best, window) => (off(window) < off(best) - 1e-6 ? window : best));
}

/** Where a box of the whole picture lies when `window` of it is fitted into the middle of a picture of size `to`. */
export function placeBox(box: Box, window: Window, to: Size): Box {
  const scale = Math.min(to.width / window.width, to.height / window.height);
  const left = (to.width - window.width * scale) / 2 - window.left * scale;
  const top = (to.height - window.height * scale) / 2 - window.top * scale;
  return { x: left + box.x * scale, y: top + box.y * scale, w: box.w * scale, h: box.h * scale };
}
