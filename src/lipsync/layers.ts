import type { Manifest } from '../inference/manifest.js';

/**
 * The layers of a net that moves the picture's own pixels instead of painting all of them: for each cell of its
 * square where the cell's content comes from (`flow`, in halves of the square), how much of it is painted
 * (`alpha`) and what is painted (`paint`). On the full-resolution picture they give a mouth as sharp as the face
 * around it, though the net sees 96 pixels.
 *
 * In bytes, S x S cells each: flow across and flow down as int16 in 1/16384, alpha, then paint as RGB triplets.
 */
export const LAYERS = ['flow', 'alpha', 'paint'] as const;

/** Bytes of the layers of a net with side `size`. */
export function layerBytes(size: number): number {
  return 8 * size * size;
}

/** True when a model gives all layers; one of bytes paints all of its pixels. */
export function hasLayers({ outputs, pixels }: Pick<Manifest, 'outputs' | 'pixels'>): boolean {
  return pixels === 'floats' && LAYERS.every((name) => name in outputs);
}

/** The net's outputs as bytes, into `to` (`layerBytes(size)`, beginning at an even offset of its buffer). */
export function packLayers(
  { size, colour }: Pick<Manifest, 'size' | 'colour'>,
  outputs: Readonly<Record<string, Float32Array>>,
  to: Uint8Array,
): void {
  const area = size * size;
  const [flow, alpha, paint] = LAYERS.map((name) => outputs[name]);
  if (flow?.length !== 2 * area || alpha?.length !== area || paint?.length !== 3 * area) {
    throw new TypeError(`Expected flow, alpha and paint of ${size}x${size} cells.`);
  }
  const moved = new Int16Array(to.buffer, to.byteOffset, 2 * area);
  // Not Math.round, which takes four times as long.
  for (let i = 0; i < 2 * area; i++) {
    moved[i] = Math.max(-32768, Math.min(32767, Math.floor(flow[i]! * 16384 + 0.5)));
  }
  const covered = to.subarray(4 * area, 5 * area);
  const painted = to.subarray(5 * area, 8 * area);
  // Where nothing is painted the colour is never looked at, but equal input must give equal bytes.
  painted.fill(0);
  const red = colour === 'RGB' ? 0 : 2 * area;
  const blue = 2 * area - red;
  for (let i = 0; i < area; i++) {
    const level = Math.max(0, Math.min(1, alpha[i]!)) * 255 + 0.5;
    covered[i] = level;
    if (level < 1) continue;
    painted[3 * i] = byte(paint[red + i]!);
    painted[3 * i + 1] = byte(paint[area + i]!);
    painted[3 * i + 2] = byte(paint[blue + i]!);
  }
}

function byte(unit: number): number {
  return Math.max(0, Math.min(255, unit * 255 + 0.5));
}
