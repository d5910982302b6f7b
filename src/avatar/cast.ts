import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { TalkError } from '../element/error.js';
import type { Avatar } from './avatar.js';
import { clipId, listAvatars } from './folders.js';
import { type OpenOptions, openAvatar } from './open.js';

/** Avatars open at a time: the one that is shown and those it was switched from and to. */
const LIMIT = 4;

interface Entry {
  readonly avatar: Avatar;
  /** Names of the clips there are for it. */
  readonly names: readonly string[];
  readonly clips: Map<string, Avatar>;
}

/** What all pictures are fitted into. */
interface Scenery {
  readonly width: number;
  readonly height: number;
  readonly background: string;
}

/**
 * The avatars one element has open, by the name it was given. Asked twice it opens once; the longest unused is
 * closed when there are too many. An avatar's clips are opened and closed with it, for whoever shows them: one that
 * is asked for begins at once.
 */
export class Cast {
  #options: OpenOptions;
  #more = '';
  readonly #clipless: ((error: TalkError) => void) | undefined;
  readonly #open = new Map<string, Entry>();
  #closed = false;

  /**
   * @param options how every one of them is opened
   * @param clipless clips are opened, too, and this is called for one that cannot be
   */
  constructor(options: OpenOptions = {}, clipless?: (error: TalkError) => void) {
    this.#options = options;
    this.#clipless = clipless;
  }

  /**
   * Opens the first avatar; all later ones get the size it has: caps stay as they are for a whole session.
   * @param size zeros stand for the avatar's own; `clips` is a folder of clips besides those of the avatars
   * @throws what `openAvatar` throws
   */
  async begin(
    id: string,
    { width, height, background, clips = '' }: Scenery & { readonly clips?: string },
  ): Promise<Avatar> {
    this.#more = clips;
    const size = width > 0 || height > 0 ? { width, height } : {};
    const first = await openAvatar(id, { ...this.#options, background, ...size });
    this.#options = { ...this.#options, background, width: first.width, height: first.height };
    return this.open(id).finally(() => first.close());
  }

  /** The avatar if it is open. */
  get(id: string): Avatar | undefined {
    const known = this.#open.get(id);
    if (known !== undefined) {
      // A Map keeps the order of insertion: putting it back makes it the newest.
      this.#open.delete(id);
      this.#open.set(id, known);
    }
    return known?.avatar;
  }

  /** A clip of an avatar if both are open. */
  clip(id: string, name: string): Avatar | undefined {
    return this.#open.get(id)?.clips.get(name);
  }

  /** An avatar that is open has a clip of that name. */
  has(id: string, clip: string): boolean {
    this.get(id);
    return this.#open.get(id)?.names.includes(clip) ?? false;
  }

  /** Opens an avatar; resolves when its clips are open, too. @throws what `openAvatar` throws */
  async open(id: string): Promise<Avatar> {
    const known = this.get(id);
    if (known !== undefined) return known;
    const [avatar, more] = await Promise.all([openAvatar(id, this.#options), this.#others()]);
    const raced = this.get(id);
    if (raced !== undefined || this.#closed) {
      avatar.close();
      if (raced !== undefined) return raced;
      throw new TypeError(`Expected an open cast for ${id} but it was closed meanwhile.`);
    }
    const names = [...new Set([...avatar.clips, ...more])];
    const entry = { avatar, names, clips: new Map<string, Avatar>() };
    this.#open.set(id, entry);
    for (const [oldest, unused] of this.#open) {
      if (this.#open.size <= LIMIT) break;
      this.#open.delete(oldest);
      close(unused);
    }
    if (this.#clipless !== undefined) {
      await Promise.all(names.map((name) => this.openClip(id, name)));
    }
    return avatar;
  }

  /** Opens a clip of an open avatar; done at once where it is open. */
  async openClip(id: string, name: string): Promise<void> {
    const entry = this.#open.get(id);
    if (entry === undefined || entry.clips.has(name)) return;
    try {
      // By its real place: sessions that show the same one share its pictures.
      const own = (await this.#others()).includes(name) && (await realpath(join(this.#more, name)));
      const clip = await openAvatar(own || clipId(id, name), this.#options);
      const wanted = this.#open.get(id) === entry && !entry.clips.has(name);
      if (wanted) entry.clips.set(name, clip);
      else clip.close();
    } catch (error) {
      this.#clipless?.(error as TalkError);
    }
  }

  #others(): Promise<string[]> {
    return this.#more === '' ? Promise.resolve([]) : listAvatars(this.#more);
  }

  /** Closes all. */
  close(): void {
    this.#closed = true;
    for (const entry of this.#open.values()) close(entry);
    this.#open.clear();
  }
}

function close({ avatar, clips }: Entry): void {
  avatar.close();
  for (const clip of clips.values()) clip.close();
}
