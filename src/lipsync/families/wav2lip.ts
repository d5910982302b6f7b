import type { FaceLayout, Family } from '../../inference/family.js';
import { facePlanes } from '../faceplanes.js';

/**
 * Packing of the Wav2Lip family: `mel` [1, 80, 16] and `face` [6, S, S] in, `out` [3, S, S] back.
 *
 * The face goes in twice, colours 0..1: first with its lower half blacked out (what the net must paint), then
 * whole (what it may look at). Channel planes, in the order of the manifest (BGR for all known weights).
 */
/**
 * The net's `face` input for a crop of S x S pixels with 3 bytes each in `order`. 27 k pixels, some 0.1 ms for
 * S = 96, so made once per avatar frame and kept (`FaceCache`).
 */
export function packFace(
  layout: FaceLayout,
  crop: Uint8Array,
  order: 'RGB' | 'BGR',
): Float32Array<ArrayBuffer> {
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

export default {
  heard: { name: 'mel', shape: [1, 80, 16] },
  features: ['mel'],
  shown: 'face',
  // What tinylip can be told besides.
  more: ['mouth', 'drive'],
  pack: packFace,
} satisfies Family;
