import { copyFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CLIPS } from '../folders.js';
import { type WriteOptions, writePackage } from '../package.js';
import { readAvatar } from '../read.js';
import type { Action } from './actions.js';
import { evenSize, pixelsOf, sizeOf } from './pictures.js';

/** A clip that was made. */
export interface ImportedClip {
  readonly name: string;
  readonly folder: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly sound: boolean;
}

/**
 * Makes clips of LiveTalking's custom actions for an avatar that is there. They are its licence's, and played there and
 * back, as LiveTalking does.
 *
 * @param progress of all pictures of all clips
 * @throws TalkError resource/settings for a clip that is there; whatever `readAvatar` and `writePackage` throw
 */
export async function importClips(
  avatar: string,
  actions: readonly Action[],
  { root, progress, ...options }: WriteOptions & { readonly root?: string } = {},
): Promise<ImportedClip[]> {
  const { folder, manifest } = await readAvatar(avatar, root);
  const made: ImportedClip[] = [];
  let before = 0;
  for (const { name, images, sound } of actions) {
    const whole = await sizeOf(images[0]!);
    const even = evenSize(whole);
    const { licence, consent, framerate } = manifest;
    const file = sound === undefined ? undefined : `sound${extname(sound).toLowerCase()}`;
    const to = await writePackage(
      join(folder, CLIPS),
      name,
      {
        about: {
          name,
          ...(licence && { licence }),
          ...(consent && { consent }),
          origin: 'a custom action of LiveTalking',
          ...even,
          framerate,
          loop: 'there-and-back',
        },
        pictures: pixelsOf(images, whole, even),
        count: images.length,
        more: async (scratch) => {
          if (sound === undefined || file === undefined) return {};
          await copyFile(sound, join(scratch, file));
          return { sound: file };
        },
        comment: ['A clip, imported by "talkgraph avatar".'],
      },
      { ...options, progress: (done) => progress?.(before + done) },
    );
    before += images.length;
    made.push({ name, folder: to, ...even, frames: images.length, sound: sound !== undefined });
  }
  return made;
}
