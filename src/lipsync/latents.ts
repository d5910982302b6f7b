import { TalkError } from '../element/error.js';

/** An avatar for models that are shown latents in the place of pixels, as MuseTalk is. */
export interface LatentAvatar {
  readonly id: string;
  /** What is shown of a frame; undefined where the avatar has no latents. */
  latent(frame: number): Promise<Float32Array> | undefined;
}

/** Makes sure that an avatar can be drawn by a model that is shown latents. @throws TalkError resource/settings */
export function demandLatents(model: string, avatar: LatentAvatar): void {
  if (avatar.latent(0) !== undefined) return;
  const details = { model, avatar: avatar.id };
  throw new TalkError('resource/settings', lacksLatents(model, avatar), { details });
}

/** What is wrong with an avatar that cannot, and what to do. */
export function lacksLatents(model: string, { id }: LatentAvatar): string {
  return `The model ${model} paints in latents, and the avatar ${id} has none: "talkgraph avatar latents ${id} --model ${model}" makes them, and LiveTalking's avatars for MuseTalk bring theirs.`;
}
