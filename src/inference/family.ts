/** What the file of a family of lip-sync models says. */
import type { Manifest } from './manifest.js';

/** Kinds of features that models are trained on. */
export const FEATURES = ['mel', 'hubert', 'wenet', 'ave', 'whisper'] as const;
export type Features = (typeof FEATURES)[number];

/** What packing and unpacking depend on. */
export type FaceLayout = Pick<Manifest, 'size' | 'colour' | 'quantise'>;

/**
 * What sets a family apart. A file of bytes in and bytes out needs the first three alone; `pack` and `unpack` are for those
 * that take and give floats.
 */
export interface Family {
  /** The input for what is heard, and its shape without the batch; undefined is any number. */
  readonly heard: { readonly name: string; readonly shape: readonly (number | undefined)[] };
  /** What it may have been trained on. */
  readonly features: readonly Features[];
  /** What it is shown of a frame: pixels, or latents that were made of them. */
  readonly shown: 'face' | 'latent';
  /** Inputs it may have besides. */
  readonly more?: readonly string[];
  /** Planes of floats that `face` has; default 6, the face masked and whole. */
  readonly planes?: number;
  /**
   * The `face` of a file that takes floats: [planes, S, S] of S x S pixels, three bytes each in `order`. Default as Wav2Lip.
   * Made once for each frame of an avatar, where that can be kept.
   */
  pack?(layout: FaceLayout, crop: Uint8Array, order: 'RGB' | 'BGR'): Float32Array<ArrayBuffer>;
  /**
   * What a file gave as floats, `out` [3, S, S], as RGB bytes into `patch` (3 S S). Default: planes of 0 to 1 in the order of
   * the manifest. Called in the inference threads.
   */
  unpack?(layout: FaceLayout, out: Float32Array, patch: Uint8Array): void;
}
