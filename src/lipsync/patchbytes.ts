/**
 * What the inference threads hand over for a mouth: RGB bytes, and behind them the layers where the model gives any.
 * Pure, without the addon: every inference thread imports this.
 */
import type { Finish } from '../inference/engine.js';
import { familyOf } from '../inference/families.js';
import { hasLayers, layerBytes, packLayers } from './layers.js';
import { unpackPatch } from './unpack.js';

/** Address of this module, for `LoadOptions.finish`. */
export const PATCH_BYTES = new URL(import.meta.url);

/** @throws TypeError when the outputs are not of the manifest's size */
const patchBytes: Finish = (manifest, outputs, into) => {
  const { size, pixels } = manifest;
  const rgb = 3 * size * size;
  const layers = hasLayers(manifest);
  const bytes = rgb + (layers ? layerBytes(size) : 0);
  const patch = into?.length === bytes ? into : new Uint8Array(bytes);
  if (pixels === 'bytes') {
    patch.set(outputs['rgb'] ?? []);
    return patch;
  }
  const floats = outputs as Readonly<Record<string, Float32Array>>;
  const { unpack = unpackPatch } = familyOf(manifest.family);
  unpack(manifest, floats['out'] ?? new Float32Array(0), patch.subarray(0, rgb));
  if (layers) packLayers(manifest, floats, patch.subarray(rgb));
  return patch;
};

export default patchBytes;
