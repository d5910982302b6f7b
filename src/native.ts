/**
 * The only file that loads the addon. Everything in it is raw: ids, numbers and callbacks; `src/element` and
 * `src/graph` make it pleasant.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PipelineNative } from './native-pipeline.js';

/** What the element half of the addon exports (`native/elements.cc`). */
// biome-ignore lint/suspicious/noEmptyInterface: filled in its own section
export interface ElementNative {}

/** What the blend kernels export (`native/paste.cc`). */
export interface PasteNative {
  /** layout: width, height, 3 strides, size, reference is BGR, chroma on the left; numbers: box, fade, matrix, offsets. */
  pastePatch(
    y: Uint8Array,
    u: Uint8Array,
    v: Uint8Array,
    layout: Int32Array,
    patch: Uint8Array,
    reference: Uint8Array | null,
    mask: Uint8Array,
    numbers: Float64Array,
  ): void;
  /** layout: width, height, 3 strides, size, blue first, chroma on the left; numbers: box, matrix, offsets. */
  cropPicture(
    y: Uint8Array,
    u: Uint8Array,
    v: Uint8Array,
    layout: Int32Array,
    out: Uint8Array,
    numbers: Float64Array,
  ): void;
  /** layout: width, height, 3 strides to, 3 from, size, chroma on the left; numbers: box, fade, matrix, offsets. */
  warpPatch(
    y: Uint8Array,
    u: Uint8Array,
    v: Uint8Array,
    layout: Int32Array,
    ...rest: [...from: Planes, layers: Uint8Array, mask: Uint8Array, numbers: Float64Array]
  ): void;
  /** layout: width, height, 3 strides to, 3 strides from. */
  copyPicture(...planesAndLayout: [...Planes, ...Planes, Int32Array]): void;
  /** layout: size and 3 strides to, size and 3 strides from; numbers: box, black luma. */
  scalePicture(...planesAndLayout: [...Planes, ...Planes, Int32Array, Float64Array]): void;
}

type Planes = [Uint8Array, Uint8Array, Uint8Array];

export type Native = ElementNative & PipelineNative & PasteNative;

/** The folder that holds `native/`: the package root, whether this runs from `dist/src` or from `src`. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'native', 'build.mjs'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('talkgraph: the folder "native" is missing from the package');
    folder = parent;
  }
  return folder;
}

function load(): Native {
  // TALKGRAPH_NATIVE=asan loads the sanitizer build: `npm run test:native:asan`.
  const flavour = process.env['TALKGRAPH_NATIVE'] ?? 'release';
  const file = join(packageRoot(), 'native', 'build', flavour, 'talkgraph.node');
  if (!existsSync(file)) {
    throw new Error(`talkgraph: ${file} is missing. Run "npm run build:native" ("npm run setup" does all).`);
  }
  return createRequire(import.meta.url)(file) as Native;
}

/** The addon, loaded once per isolate. */
export const native: Native = load();
