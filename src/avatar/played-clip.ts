/** What whoever plays a clip's sound must know of it. */
import { join } from 'node:path';
import { TalkError } from '../element/index.js';
import { readClip } from './read.js';

export interface PlayedClip {
  /** Path of its sound; undefined where it is silent. */
  readonly sound: string | undefined;
  /** Pictures it has. */
  readonly frames: number;
}

/**
 * Looks a clip of an avatar up, or of `more`, a folder of clips for this session alone (empty: none). Throws TalkError
 * `library/settings` when no avatar is named, and what `readClip` throws.
 */
export async function playedClip(avatar: string, name: string, more: string): Promise<PlayedClip> {
  if (avatar === '') {
    const clip = name.slice(0, 80);
    throw new TalkError(
      'library/settings',
      `Expected avatar= to name the avatar whose clip "${clip}" should play.`,
    );
  }
  const { folder, manifest } = await readClip(avatar, name, more);
  const { frames, sound } = manifest;
  return { sound: sound === undefined ? undefined : join(folder, sound), frames };
}
