import { TalkError } from '../element/error.js';
import { AVATAR_COLOUR } from '../picture/colour.js';
import { type Box, cropPicture, pictureIn } from '../picture/picture.js';
import { readAlbum, WHOLE } from './album.js';
import type { Boxes } from './boxes.js';
import type { Size } from './framing.js';
import type { Mask } from './mask.js';
import { type Reading, readBytes } from './reading.js';
import { Reel, SLAB } from './reel.js';

/** Bytes all open avatars of the process may take; `TALKGRAPH_AVATAR_MEMORY` (megabytes) sets another limit. */
export function memoryLimit(): number {
  const megabytes = Number(process.env['TALKGRAPH_AVATAR_MEMORY'] ?? 1024);
  return (Number.isFinite(megabytes) && megabytes > 0 ? megabytes : 1024) * 1024 * 1024;
}

/** What is known of an avatar's faces besides the pictures, by the crop it is for. */
export interface Shapes {
  readonly boxes: ReadonlyMap<string, Boxes>;
  readonly masks: ReadonlyMap<string, Mask>;
}

/** The pictures of one avatar, shared by all who have it open. */
export class Pictures {
  readonly width: number;
  readonly height: number;
  /** Boxes by what they are for; the avatar's own under `''`. */
  readonly boxes: ReadonlyMap<string, Boxes>;
  /** Where what a model paints is seen, by its crop. */
  readonly masks: ReadonlyMap<string, Mask>;
  readonly #frames: readonly Uint8Array[] | Reel;

  constructor({ width, height }: Size, frames: readonly Uint8Array[] | Reel, { boxes, masks }: Shapes) {
    this.width = width;
    this.height = height;
    this.boxes = boxes;
    this.masks = masks;
    this.#frames = frames;
  }

  /** All of them are in memory, all the time. */
  get whole(): boolean {
    return !(this.#frames instanceof Reel);
  }

  /** A picture if it is in memory. */
  peek(frame: number): Uint8Array | undefined {
    return this.#frames instanceof Reel ? this.#frames.peek(frame) : this.#frames[frame];
  }

  /** A picture, read if need be. @throws TalkError stream/decode, stream/format */
  load(frame: number): Promise<Uint8Array> {
    return this.#frames instanceof Reel ? this.#frames.load(frame) : Promise.resolve(this.#frames[frame]!);
  }

  /** A picture will be wanted soon. */
  ahead(frame: number): void {
    if (this.#frames instanceof Reel) this.#frames.ahead(frame);
  }

  /** The BGR square under a box of a picture in memory (0.4 ms at 96). */
  crop(data: Uint8Array, box: Box, size: number): Uint8Array {
    return cropPicture(pictureIn(data, this.width, this.height), box, size, 'BGR', AVATAR_COLOUR);
  }

  grow(users: number): void {
    if (this.#frames instanceof Reel) this.#frames.grow(users);
  }

  close(): void {
    if (this.#frames instanceof Reel) this.#frames.close();
  }
}

interface Entry {
  readonly pictures: Promise<Pictures>;
  /** Bytes of all pictures, or of one of those that are kept. */
  readonly bytes: number;
  readonly whole: boolean;
  users: number;
}

const open = new Map<string, Entry>();
let queue: Promise<unknown> = Promise.resolve();

const releasedListeners: ((key: string) => void)[] = [];

/** Calls `listener` with the key of all pictures whose last user has gone: what was made of them can go, too. */
export function whenReleased(listener: (key: string) => void): void {
  releasedListeners.push(listener);
}

/** What is open now: for tests and metrics. */
export function storeUse(): { avatars: number; bytes: number } {
  let bytes = 0;
  for (const entry of open.values()) bytes += taken(entry);
  return { avatars: open.size, bytes };
}

/** What an avatar takes with so many users. */
function taken({ whole, bytes, users }: Pick<Entry, 'whole' | 'bytes' | 'users'>): number {
  return whole ? bytes : bytes * SLAB * (users + 1);
}

/**
 * Takes a share in the pictures of `key`, reading them if nobody has them yet: all of them, or of a long avatar
 * those that are wanted. Every successful call must be followed by one `release`.
 * @param shapes asked for once
 * @throws TalkError resource/quota when they would not fit, stream/decode or stream/format when a file is bad
 */
export async function acquire(
  key: string,
  job: Reading,
  shapes: () => Promise<Shapes>,
  label: string,
): Promise<Pictures> {
  let entry = open.get(key);
  if (!entry) {
    const { whole, bytes } = place(job, label);
    const read = async () => {
      const known = await shapes();
      if (whole) return new Pictures(job.to, await readAlbum(job, label), known);
      const reel = new Reel(job, label);
      // What is wrong with the first picture is wrong with the avatar.
      await reel.load(0).catch((error: unknown) => {
        reel.close();
        throw error;
      });
      return new Pictures(job.to, reel, known);
    };
    // One at a time: two would only share the same cores and hold twice the scratch memory.
    const pictures = whole ? queue.then(read) : read();
    const over = () => undefined; // not the pictures: the queue must not keep them
    if (whole) queue = pictures.then(over, over);
    entry = { pictures, bytes, whole, users: 0 };
    open.set(key, entry);
  }
  entry.users++;
  const { users } = entry;
  try {
    const pictures = await entry.pictures;
    pictures.grow(users);
    return pictures;
  } catch (error) {
    release(key, entry.pictures);
    throw error;
  }
}

/** Whether an avatar is read whole. @throws TalkError resource/quota when neither way fits */
function place(job: Reading, label: string): { whole: boolean; bytes: number } {
  const { count } = job;
  const each = readBytes(job);
  const room = memoryLimit() - storeUse().bytes;
  const all = each * count;
  if (all <= WHOLE && all <= room) return { whole: true, bytes: all };
  const kept = taken({ whole: false, bytes: each, users: 1 });
  if (kept <= room && kept < all) return { whole: false, bytes: each };
  const mb = (n: number) => Math.ceil(n / 1048576);
  const use = storeUse().bytes;
  throw new TalkError(
    'resource/quota',
    `Avatar "${label}" needs ${mb(Math.min(all, kept))} MB; all avatars together may take ${mb(memoryLimit())} MB and ${mb(use)} MB are in use. ` +
      'Use smaller frames, or raise TALKGRAPH_AVATAR_MEMORY (megabytes).',
    { details: { bytes: Math.min(all, kept), limit: memoryLimit() }, retryable: use > 0 },
  );
}

/** Gives a share back; the last one frees the memory. */
export function release(key: string, whose?: Promise<Pictures>): void {
  const entry = open.get(key);
  if (!entry || (whose && entry.pictures !== whose)) return;
  entry.users--;
  if (entry.users > 0) return;
  open.delete(key);
  entry.pictures.then(
    (pictures) => pictures.close(),
    () => undefined,
  );
  for (const listener of releasedListeners) listener(key);
}
