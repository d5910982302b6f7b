import type { FaceLayout } from '../inference/family.js';

/** A net's `out`, planes of 0 to 1, as RGB bytes into `patch` (3 S S bytes). @throws TypeError for other sizes */
export function unpackPatch(
  { size, colour, quantise }: FaceLayout,
  out: Float32Array,
  patch: Uint8Array,
): void {
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
