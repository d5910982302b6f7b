import { familyOf } from '../inference/families.js';
import type { Manifest } from '../inference/manifest.js';
import { FaceCache } from './facecache.js';
import { packFace } from './families/wav2lip.js';

/** An avatar as a model sees it. */
export interface FacedAvatar {
  /** The same for everybody who has it open with the same settings. */
  readonly key: string;
  /** All of its frames are in memory. */
  readonly whole: boolean;
  /** `size` x `size` BGR pixels of a frame that is loaded, cut by the box `crop`. */
  face(frame: number, size: number, crop: string): Uint8Array;
}

/** Packed faces of all avatars in the process; 150 frames at 96 pixels are 33 MB. */
const faces = new FaceCache<Float32Array | Uint8Array>(192 << 20);

/** What a model of pixels is shown of a frame: bytes, or planes as its family packs them. Made once where that can be. */
export function faceOf(
  manifest: Pick<Manifest, 'family' | 'size' | 'colour' | 'pixels' | 'crop' | 'quantise'>,
  avatar: FacedAvatar,
  frame: number,
): Float32Array | Uint8Array {
  const { family, size, colour, pixels, crop } = manifest;
  const { pack = packFace } = familyOf(family);
  const make = () => {
    const face = avatar.face(frame, size, crop);
    return pixels === 'bytes' ? face : pack(manifest, face, 'BGR');
  };
  // A long avatar comes back to a frame after minutes: what was made of it would only push out others.
  if (!avatar.whole) return make();
  const key = `${avatar.key}\n${pixels}${family}${crop}${colour}${size}\n${frame}`;
  return faces.get(key, make);
}

/** Forgets the faces of an avatar, by its key: its frames are gone. */
export function forgetFaces(key: string): void {
  faces.forget(`${key}\n`);
}
