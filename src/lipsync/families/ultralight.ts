import type { FaceLayout, Family } from '../../inference/family.js';
import { facePlanes } from '../faceplanes.js';

/**
 * Packing of the Ultralight family for files that take floats: the face whole, then with a black rectangle over all but
 * its border (5 pixels, 10 below), each as planes of 0..1 in the order of the manifest.
 */
export function packUltralight(
  layout: Pick<FaceLayout, 'size' | 'colour'>,
  crop: Uint8Array,
  order: 'RGB' | 'BGR',
): Float32Array<ArrayBuffer> {
  const face = facePlanes(layout, crop, order, 0);
  const { size } = layout;
  const area = size * size;
  face.copyWithin(3 * area, 0, 3 * area);
  for (let masked = 3 * area; masked < face.length; masked += area) {
    for (let y = 5; y < size - 10; y++) face.fill(0, masked + y * size + 5, masked + (y + 1) * size - 5);
  }
  return face;
}

const ANY = undefined;

export default {
  heard: { name: 'audio', shape: [ANY, ANY, ANY] },
  features: ['hubert', 'wenet', 'ave', 'whisper'],
  shown: 'face',
  pack: packUltralight,
} satisfies Family;
