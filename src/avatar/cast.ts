import type { Avatar } from './avatar.js';
import { type OpenOptions, openAvatar } from './open.js';

/** Avatars open at a time: the one that is shown and those it was switched from and to. */
const LIMIT = 4;

/**
 * The avatars one element has open, by the name it was given. Asked twice it opens once; the longest unused is
 * closed when there are too many.
 */
export class Cast {
  #options: OpenOptions;
  readonly #open = new Map<string, Avatar>();
  #closed = false;

  /** @param options how every one of them is opened */
  constructor(options: OpenOptions = {}) {
    this.#options = options;
  }

  /**
   * Opens the first avatar; all later ones get the size it has: caps stay as they are for a whole session.
   * @param size zeros stand for the avatar's own
   * @throws what `openAvatar` throws
   */
  async begin(
    id: string,
    { width, height, background }: { width: number; height: number; background: string },
  ): Promise<Avatar> {
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
    return known;
  }

  /** Opens an avatar. @throws what `openAvatar` throws */
  async open(id: string): Promise<Avatar> {
    const known = this.get(id);
    if (known !== undefined) return known;
    const avatar = await openAvatar(id, this.#options);
    const raced = this.get(id);
    if (raced !== undefined || this.#closed) {
      avatar.close();
      if (raced !== undefined) return raced;
      throw new TypeError(`Expected an open cast for ${id} but it was closed meanwhile.`);
    }
    this.#open.set(id, avatar);
    for (const [oldest, unused] of this.#open) {
      if (this.#open.size <= LIMIT) break;
      this.#open.delete(oldest);
      unused.close();
    }
    return avatar;
  }

  /** Closes all. */
  close(): void {
    this.#closed = true;
    for (const avatar of this.#open.values()) avatar.close();
    this.#open.clear();
  }
}
