import { TalkError } from '../element/error.js';

/**
 * The MuseTalk family: it is shown latents in the place of pixels, `latent` [8, 32, 32], made once for each frame of an
 * avatar: of the face with its lower half hidden, then of the whole one. With them and with what is heard, `audio` [50, 384],
 * it gives the picture as bytes.
 */
export interface LatentAvatar {
  readonly id: string;
  /** What is shown of a frame; undefined where the avatar has no latents. */
  latent(frame: number): Promise<Float32Array> | undefined;
}

/** Makes sure that an avatar can be drawn by a model of this family. @throws TalkError resource/settings */
export function demandLatents(model: string, avatar: LatentAvatar): void {
  if (avatar.latent(0) !== undefined) return;
  const details = { model, avatar: avatar.id };
  throw new TalkError('resource/settings', lacksLatents(model, avatar), { details });
}

/** What is wrong with an avatar that cannot, and what to do. */
export function lacksLatents(model: string, { id }: LatentAvatar): string {
  return `The model ${model} paints in latents, and the avatar ${id} has none: "talkgraph avatar latents ${id} --model ${model}" makes them, and LiveTalking's avatars for MuseTalk bring theirs.`;
}
