import type { Manifest } from '../inference/manifest.js';

/** Levels as the floats the nets want; a table is faster than a division and gives the same floats. */
const UNIT = Float32Array.from({ length: 256 }, (_, level) => level / 255);

/**
 * Six planes of S x S for the `face` of a net, of which the whole face, 0..1, fills three beginning with `first`, in the
 * order of the manifest; the other three are for the masked one.
 * @param crop S x S pixels of 3 bytes each in `order`
 */
export function facePlanes(
  { size, colour }: Pick<Manifest, 'size' | 'colour'>,
  crop: Uint8Array,
  order: 'RGB' | 'BGR',
  first: 0 | 3,
): Float32Array<ArrayBuffer> {
  const area = size * size;
  if (crop.length !== 3 * area) {
    throw new TypeError(`Expected a crop of ${size}x${size} pixels but received ${crop.length} bytes.`);
  }
  const face = new Float32Array(6 * area);
  for (let channel = 0; channel < 3; channel++) {
    const from = colour === order ? channel : 2 - channel;
    const whole = (first + channel) * area;
    for (let i = 0; i < area; i++) face[whole + i] = UNIT[crop[3 * i + from]!]!;
  }
  return face;
}
