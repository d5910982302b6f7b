import { copyFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { WebpOptions } from 'sharp';
import { CLIPS } from '../folders.js';
import type { Manifest } from '../manifest.js';
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
  for (const action of actions) {
    const step = { ...options, progress: (done: number) => progress?.(before + done) };
    made.push(await importClip(join(folder, CLIPS), action.name, action, manifest, step));
    before += action.images.length;
  }
  return made;
}

/**
 * Makes one clip in a folder.
 * @param owner whose clip it is
 * @param webp how its pictures are coded
 */
export async function importClip(
  root: string,
  id: string,
  { name, images, sound }: Action,
  { licence, consent, framerate }: Pick<Manifest, 'licence' | 'consent' | 'framerate'>,
  { webp, ...options }: WriteOptions & { readonly webp?: WebpOptions } = {},
): Promise<ImportedClip> {
  const whole = await sizeOf(images[0]!);
  const even = evenSize(whole);
  const file = sound === undefined ? undefined : `sound${extname(sound).toLowerCase()}`;
  const folder = await writePackage(
    root,
    id,
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
      ...(webp && { webp }),
    },
    options,
  );
  return { name, folder, ...even, frames: images.length, sound: sound !== undefined };
}
