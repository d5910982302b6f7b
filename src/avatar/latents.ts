import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../element/error.js';
import { toFloats } from '../inference/half.js';

/** Numbers of one frame: [8, 32, 32], the face with its lower half hidden and the whole one. */
const NUMBERS = 8 * 32 * 32;

/**
 * What models that paint in latents are shown of an avatar: float16, frame behind frame in one file. Read when it is
 * wanted; an hour of it is 1.5 GB.
 */
export class Latents {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws TalkError resource/not-found, stream/format for a file of another size */
  static async open(id: string, folder: string, { latents, frames }: { latents: string; frames: number }) {
    const path = join(folder, latents);
    const size = (await stat(path).catch(() => undefined))?.size;
    const want = frames * NUMBERS * 2;
    if (size === want) return new Latents(path);
    throw new TalkError(
      size === undefined ? 'resource/not-found' : 'stream/format',
      `Avatar "${id}": its latents should be ${want} bytes in ${path}, ` +
        `${size === undefined ? 'which is missing' : `which has ${size}`}. Copy the avatar again.`,
      { details: { latents: path } },
    );
  }

  /** Those of a frame. @throws TalkError resource/read */
  async at(frame: number): Promise<Float32Array<ArrayBuffer>> {
    const halves = new Uint16Array(NUMBERS);
    try {
      const file = await open(this.#path, 'r');
      const { bytesRead } = await file
        .read(new Uint8Array(halves.buffer), 0, halves.byteLength, frame * halves.byteLength)
        .finally(() => file.close());
      if (bytesRead === halves.byteLength) return toFloats(halves);
    } catch (cause) {
      throw new TalkError('resource/read', `${this.#path} cannot be read.`, { cause });
    }
    throw new TalkError('resource/read', `${this.#path} became shorter.`, { details: { frame } });
  }
}
