import { familyOf } from '../inference/families.js';
import type { Manifest } from '../inference/manifest.js';
import { type FacedAvatar, faceOf } from './faces.js';
import type { LatentAvatar } from './latents.js';

/** An avatar as a model of any family is shown it. */
export interface ShownAvatar extends FacedAvatar, LatentAvatar {
  /** It is known where the mouth is. */
  readonly boxed: boolean;
  has(frame: number): boolean;
  load(frame: number): Promise<void>;
}

/** What a model is shown of a frame: its pixels, or its latents. Undefined where the avatar has none, or no boxes. */
export async function shownOf(
  manifest: Manifest,
  avatar: ShownAvatar,
  frame: number,
): Promise<Record<string, Float32Array | Uint8Array> | undefined> {
  if (!avatar.boxed) return undefined;
  if (familyOf(manifest.family).shown === 'face') {
    while (!avatar.has(frame)) await avatar.load(frame);
    return { face: faceOf(manifest, avatar, frame) };
  }
  const latent = await avatar.latent(frame);
  return latent === undefined ? undefined : { latent };
}
