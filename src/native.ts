/**
 * The only file that loads the addon. Everything in it is raw: ids, numbers and callbacks; `src/element` and
 * `src/graph` make it pleasant.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CatalogNative } from './native/catalog.js';
import type { NativeHandle, PipelineNative, RawError } from './native/pipeline.js';

/** What the element half of the addon exports (`native/elements.cc`). Ids are numbers, times ns. */
export interface ElementNative {
  /** Carries the numbers of a frame across the border; see `src/element/wire.ts`. */
  readonly header: Float64Array;
  /** Sets the function that all questions go to; it answers with an outcome. */
  connect(
    dispatch: (op: number, id: number, call: number, a: unknown, b: unknown, c: unknown) => number,
  ): void;
  registerType(spec: Record<string, unknown>): void;
  elementInfo(id: number): { factory: string; name: string; path: string } | undefined;
  /** True when somebody waited for it. */
  complete(call: number, outcome: number, size?: number): boolean;
  /** Somebody still waits for its answer. */
  wanted(call: number): boolean;
  /** The `start` that is under way may take this much longer from now on. */
  extendStart(id: number, milliseconds: number): void;
  give(call: number, data: Uint8Array | null, metas?: unknown, stroke?: Stroke): void;
  giveEvent(call: number, kind: number, name: string, fields: unknown): boolean;
  put(id: number, generation: number, data: Uint8Array | null, metas?: unknown, stroke?: Stroke): boolean;
  putEvent(id: number, generation: number, name: string, fields: unknown): void;
  end(id: number, generation: number): void;
  send(id: number, kind: number, name: string, fields: unknown, pad: string): void;
  // biome-ignore lint/suspicious/noExplicitAny: a tagged list, taken apart in src/element/pipe.ts
  take(id: number, generation: number): ArrayBuffer | number | any[];
  forward(id: number, token: number): boolean;
  /** Pieces that are in good time are shown to `transform`, too. */
  attend(id: number, on: boolean): void;
  /** Whether a frame was taken back. */
  revise(id: number): boolean;
  alloc(id: number, bytes: number): ArrayBuffer;
  release(array: ArrayBuffer): void;
  /** Takes back all memory that was lent to this instance. */
  revoke(id: number): void;
  fail(
    id: number,
    call: number,
    domain: string,
    code: string,
    message: string,
    debug: string,
    details: Readonly<Record<string, unknown>>,
    retryable: boolean,
  ): void;
  warn(id: number, message: string): void;
  post(id: number, name: string, fields: unknown): void;
  getProperty(id: number, name: string): unknown;
  /** Undefined, or what was expected instead. */
  setProperty(id: number, name: string, value: unknown): string | undefined;
  setLatency(id: number, min: number, max: number | undefined): void;
  /** `otherwise`: take the template where these caps do not fit it. */
  setOutputCaps(id: number, caps: string, otherwise?: boolean): void;
  capsProblem(caps: string): string | undefined;
  runningTime(id: number): number | undefined;
  binAdd(
    id: number,
    fragment: string,
    name?: string,
  ): { element: NativeHandle; error?: never } | { error: RawError };
  /** Null where it is not installed. */
  binAddStock(id: number, factory: string, name?: string): NativeHandle | null;
  /** True when these caps may enter by the pad `sink`; loosely: when some of them may. */
  partTakes(element: NativeHandle, caps: string, loosely: boolean): boolean;
  binLend(id: number, child: NativeHandle): void;
  /** Undefined, or why it cannot be done. */
  binTarget(id: number, pad: string, child: NativeHandle, childPad: string): string | undefined;
  padNames(id: number): string[];
  elementHandle(id: number): NativeHandle | null;
  /** The number behind a handle of one of our elements of this isolate, else 0. */
  elementId(handle: NativeHandle): number;
  /** Buffers in the queues of a pipe, and how many there may be; null for what is no pipe. */
  pipeLevels(id: number): { in: number; out: number; inLimit: number; outLimit: number } | null;
  lateFrames(id: number): number;
  /** True when a stock element has this name, too. */
  shadows(factory: string): boolean;
  elementCounts(): { instances: number; calls: number; loans: number };
  setDeadline(milliseconds: number): void;
}

/** What `native/memory.cc` exports: for soaks. */
export interface MemoryNative {
  /** Bytes malloc has handed out, after free pages went back to the system; undefined where it does not count. */
  memory(): number | undefined;
}

/** What `native/deadline.cc` exports. */
export interface DeadlineNative {
  /** The process ends with this exit code in so many ms at the latest; the last call counts. False when no thread is to be had. */
  endBy(milliseconds: number, code: number): boolean;
}

/** What `native/tap.cc` exports: what authors of bins do with their parts. */
export interface TapNative {
  /** Sets the function all batches go to. numbers: bytes, running time in ns or NaN, 1 for a key frame; per packet. */
  connectTaps(tap: (id: number, bytes: ArrayBuffer, numbers: ArrayBuffer, dropped: number) => void): void;
  /** False when it is no appsink. */
  tapOpen(sink: NativeHandle, id: number, limit: number): boolean;
  tapClose(sink: NativeHandle): void;
  partKeyFrame(element: NativeHandle): void;
  partJoin(from: NativeHandle, to: NativeHandle): void;
  /** False when it has no pad `sink`. */
  partGuard(element: NativeHandle): boolean;
  partReplace(old: NativeHandle, by: NativeHandle): void;
  /** False when there is no such pad. */
  partOffset(element: NativeHandle, pad: string, offset: number): boolean;
}

/**
 * A mouth to be drawn on the I420 picture in a frame, by the thread that carries the frame (`native/stroke.cc`).
 * layout: width, height, 3 plane offsets, 3 strides, size, chroma on the left, reference is BGR, alpha's offset and stride (0: none); numbers: box, fade,
 * matrix, offsets. Made by src/lipsync/stroke.ts.
 */
export type Stroke = readonly [
  kernel: number,
  layout: Int32Array,
  numbers: Float64Array,
  pixels: Uint8Array,
  mask: Uint8Array,
  reference: Uint8Array | undefined,
];

/** What the kernels for pictures export (`native/scale.cc`, `native/stroke.cc`, `native/blend.cc`, `native/over.cc`). */
export interface PictureNative {
  /** Draws at once, on a frame in JS's hands. */
  drawNow(frame: Uint8Array, stroke: Stroke): void;
  /** layout: size, 1 where layers follow, step, shift; `step` of 2^shift parts are of `after`. */
  blendPatches(out: Uint8Array, before: Uint8Array, after: Uint8Array, layout: Int32Array): void;
  /** layout: width, height, 3 strides, size, blue first, chroma on the left; numbers: box, matrix, offsets. */
  cropPicture(
    y: Uint8Array,
    u: Uint8Array,
    v: Uint8Array,
    layout: Int32Array,
    out: Uint8Array,
    numbers: Float64Array,
  ): void;
  /** layout: width, height, 3 strides to, 3 strides from. */
  copyPicture(...planesAndLayout: [...Planes, ...Planes, Int32Array]): void;
  /** Of the same length; share of the second, 0 to 256. */
  mixPictures(to: Uint8Array, from: Uint8Array, share: number): void;
  /** layout: size and 3 strides to, size and 3 strides from; numbers: box, black luma. */
  scalePicture(...planesAndLayout: [...Planes, ...Planes, Int32Array, Float64Array]): void;
  /** To, wall; layout: width, height, 3 strides of both, stride of alpha; alpha of the first. */
  layOver(...planesLayoutAlpha: [...Planes, ...Planes, Int32Array, Uint8Array]): void;
  /** layout: width, height, 3 strides; then RGB rows without padding. */
  fillPicture(...planesAndRgb: [...Planes, Int32Array, Uint8Array]): void;
}

/** What `native/webp.cc` exports. */
export interface WebpNative {
  /** Width and height, or undefined for what is not a still WebP picture. */
  webpSize(file: Uint8Array): { width: number; height: number } | undefined;
  /**
   * To, wall; layout: width, height, 3 strides of both, left, top of the window in the file, stride of alpha; file, alpha.
   * With a stride of alpha the wall does not matter. False: it is broken.
   */
  decodeWebp(...planesLayoutFile: [...Planes, ...Planes, Int32Array, Uint8Array, Uint8Array]): boolean;
}

/** What `native/sinc.cc` exports. */
export interface SincNative {
  /**
   * Fills `out` with samples of another rate; the window must reach as far as the filter. numbers: the first sample's
   * number, ratio up, down, phases, taps, input sample the window begins with. How many did not fit into 16 bits.
   */
  resampleSpeech(out: Int16Array, window: Float32Array, table: Float32Array, numbers: Float64Array): number;
}

type Planes = [Uint8Array, Uint8Array, Uint8Array];

export type Native = ElementNative &
  PipelineNative &
  CatalogNative &
  PictureNative &
  SincNative &
  WebpNative &
  TapNative &
  MemoryNative &
  DeadlineNative;

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
    throw new Error(`talkgraph: ${file} is missing. Run "npx talkgraph setup".`);
  }
  return createRequire(import.meta.url)(file) as Native;
}

/** The addon, loaded once per isolate. */
export const native: Native = load();
