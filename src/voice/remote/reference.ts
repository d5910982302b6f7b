/** Recordings of this machine that a service is given, to speak like them. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { TalkError } from '../../element/error.js';

/** A recording that is sent along. */
export interface Reference {
  /** Without its folder. */
  readonly name: string;
  readonly bytes: Buffer<ArrayBuffer>;
  /** Changes when the file does. */
  readonly version: string;
}

/** References are some seconds long; services refuse more. */
const LARGEST = 20 << 20;
/** The beginnings of sound files. What begins otherwise is not sent anywhere, whoever names it. */
const SOUND = [/^RIFF....WAVE/s, /^ID3/, /^OggS/, /^fLaC/, /^....ftyp/s, /^\xff[\xe2-\xff]/];

/** Whether a voice's name is a path, and not a name that the service knows. */
export function isPath(name: string): boolean {
  return /[\\/]/.test(name) || /\.(wav|mp3|ogg|opus|flac|m4a)$/i.test(name);
}

/** Reads one. Throws TalkError `resource/not-found`, `resource/read`, or `stream/wrong-type` for what is no sound file. */
export async function readReference(path: string): Promise<Reference> {
  const name = basename(path);
  try {
    const file = await open(path);
    try {
      const { size, mtimeMs } = await file.stat();
      if (size > LARGEST) throw wrong(name, `at most ${LARGEST >> 20} MB`);
      const head = Buffer.alloc(12);
      await file.read(head, 0, 12, 0);
      if (!SOUND.some((one) => one.test(head.toString('latin1')))) throw wrong(name, 'a sound file');
      const bytes = Buffer.alloc(size);
      await file.read(bytes, 0, size, 0);
      return { name, bytes, version: `${path} ${size} ${mtimeMs}` };
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof TalkError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const message = missing ? `There is no file ${name} to speak like.` : `The file ${name} cannot be read.`;
    throw new TalkError(missing ? 'resource/not-found' : 'resource/read', message, { cause });
  }
}

function wrong(name: string, expected: string): TalkError {
  return new TalkError('stream/wrong-type', `Expected ${expected} to speak like, but ${name} is none.`);
}

/**
 * What a service made of something once, for as long as it is the same thing: the oldest goes when there are too many. What failed
 * is forgotten, so that it is tried again.
 */
export class Prepared<T> {
  readonly #made = new Map<string, Promise<T>>();
  readonly #most: number;

  constructor(most = 32) {
    this.#most = most;
  }

  get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#made.set(key, made);
    made.catch(() => this.forget(key));
    if (this.#made.size > this.#most) this.#made.delete(this.#made.keys().next().value!);
    return made;
  }

  forget(key?: string): void {
    if (key === undefined) this.#made.clear();
    else this.#made.delete(key);
  }
}
