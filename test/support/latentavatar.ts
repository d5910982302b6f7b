import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../../src/avatar/manifest.js';
import { toFloats, toHalves } from '../../src/inference/half.js';
import { noise } from '../checkpoint/support/noise.js';

/** Gives an avatar latents: noise that is another one for each frame. */
export function putLatents(folder: string, frames: number): void {
  const all = Array.from({ length: frames }, (_, frame) => toHalves(latentOf(frame)));
  writeFileSync(join(folder, 'latents.f16'), Buffer.concat(all.map((one) => new Uint8Array(one.buffer))));
  appendFileSync(join(folder, MANIFEST), 'latents: latents.f16\n');
}

/** The latent of a frame as it comes out of its file. */
export function latentOf(frame: number): Float32Array<ArrayBuffer> {
  return toFloats(toHalves(Float32Array.from(noise(8 * 32 * 32, 7 + frame), (n) => (n / 65537) * 4 - 2)));
}
