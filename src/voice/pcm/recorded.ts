/** A sound file that somebody sent, and that is removed when it was heard. */
import { decodeFile } from '../decode.js';
import type { Sound } from './sounds.js';

/**
 * The sound of a file, once it is known that there is one in it.
 * @param done it is not needed any more: called once, also when there is no sound
 * @throws TalkError as `decodeFile`
 */
export async function recordedSound(path: string, done: () => void): Promise<Sound> {
  try {
    for await (const _ of decodeFile(path, new AbortController().signal)) break;
  } catch (error) {
    done();
    throw error;
  }
  return { open: (signal) => decodeFile(path, signal), close: done };
}
