import type { Manifest } from '../inference/manifest.js';
import { facePlanes } from './faceplanes.js';

/**
 * Packing and unpacking of the Wav2Lip family: `mel` [1, 80, 16] and `face` [6, S, S] in, `out` [3, S, S] back.
 *
 * The face goes in twice, colours 0..1: first with its lower half blacked out (what the net must paint), then
 * whole (what it may look at). Channel planes, in the order of the manifest (BGR for all known weights).
 */
type Layout = Pick<Manifest, 'size' | 'colour' | 'quantise'>;

/**
 * The net's `face` input for a crop of S x S pixels with 3 bytes each in `order`. 27 k pixels, some 0.1 ms for
 * S = 96, so made once per avatar frame and kept (`FaceCache`).
 */
export function packFace(layout: Layout, crop: Uint8Array, order: 'RGB' | 'BGR'): Float32Array<ArrayBuffer> {
  const face = facePlanes(layout, crop, order, 3);
  const { size } = layout;
  const area = size * size;
  const masked = Math.floor(size / 2) * size;
  for (let channel = 0; channel < 3; channel++) {
    const whole = (3 + channel) * area;
    face.copyWithin(channel * area, whole, whole + masked);
  }
  return face;
}

/** The net's `out` as RGB bytes, into `patch` (3 S S bytes). */
export function unpackPatch({ size, colour, quantise }: Layout, out: Float32Array, patch: Uint8Array): void {
  const area = size * size;
  if (out.length !== 3 * area || patch.length < 3 * area) {
    throw new TypeError(
      `Expected ${3 * area} numbers and bytes but received ${out.length} and ${patch.length}.`,
    );
  }
  const half = quantise === 'round' ? 0.5 : 0;
  for (let channel = 0; channel < 3; channel++) {
    const from = (colour === 'RGB' ? channel : 2 - channel) * area;
    for (let i = 0; i < area; i++) {
      const level = out[from + i]! * 255 + half;
      // Typed arrays cut fractions off but wrap around, so the ends are held here.
      patch[3 * i + channel] = Math.min(255, Math.max(0, level));
    }
  }
}
