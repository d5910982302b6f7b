import type { Manifest } from '../inference/manifest.js';

/**
 * Packing of the Ultralight family for files that take floats: the face whole, then with a black rectangle over all but
 * its border (5 pixels, 10 below), each as planes of 0..1 in the order of the manifest.
 */
export function packUltralight(
  { size, colour }: Pick<Manifest, 'size' | 'colour'>,
  crop: Uint8Array,
  order: 'RGB' | 'BGR',
): Float32Array<ArrayBuffer> {
  const area = size * size;
  if (crop.length !== 3 * area) {
    throw new TypeError(`Expected a crop of ${size}x${size} pixels but received ${crop.length} bytes.`);
  }
  const face = new Float32Array(6 * area);
  for (let channel = 0; channel < 3; channel++) {
    const from = colour === order ? channel : 2 - channel;
    const whole = channel * area;
    for (let i = 0; i < area; i++) face[whole + i] = crop[3 * i + from]! / 255;
    const masked = (3 + channel) * area;
    face.copyWithin(masked, whole, whole + area);
    for (let y = 5; y < size - 10; y++) face.fill(0, masked + y * size + 5, masked + (y + 1) * size - 5);
  }
  return face;
}
