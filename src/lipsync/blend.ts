import { native } from '../native.js';
import { layerBytes } from './layers.js';

/** What a patch consists of. */
export interface PatchLayout {
  /** Cells of its side. */
  readonly size: number;
  /** Layers follow behind its RGB bytes. */
  readonly layers: boolean;
}

/** Bytes of a patch. */
export function patchLength({ size, layers }: PatchLayout): number {
  return 3 * size * size + (layers ? layerBytes(size) : 0);
}

/**
 * A patch between two others, `step` of `every` of the way (`every` 2 or 4), in `into` where that is as long as a patch.
 * Every number is rounded to the nearest, halves up; a colour of the layers counts as much as it covers. Two equal
 * patches give the same bytes again. About 0.1 ms for 96 pixels with layers.
 *
 * @throws TypeError when one of them is not as long as a patch
 */
export function blendPatches(
  layout: PatchLayout,
  before: Uint8Array,
  after: Uint8Array,
  { step, every }: { readonly step: number; readonly every: number },
  into?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const bytes = patchLength(layout);
  if (before.length !== bytes || after.length !== bytes) {
    throw new TypeError(
      `Expected patches of ${bytes} bytes but received ${before.length} and ${after.length}.`,
    );
  }
  const out = into?.length === bytes ? into : new Uint8Array(bytes);
  const { size, layers } = layout;
  native.blendPatches(out, before, after, Int32Array.of(size, layers ? 1 : 0, step, Math.log2(every)));
  return out;
}
