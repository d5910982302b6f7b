import { mixPictures } from './picture.js';

/**
 * Crossfades when what is shown changes: the picture that was shown last stands still and gives way over some pictures.
 * What is shown is told by a key, so the same keys and pictures give the same result.
 */
export class Crossfade {
  readonly #pictures: number;
  #key: string | undefined;
  #last = new Uint8Array(0);
  #from = new Uint8Array(0);
  /** Pictures that still have something of the one before. */
  #left = 0;

  /** @param pictures how many lie between the last that shows nothing of the new and the first that shows nothing of the old */
  constructor(pictures: number) {
    this.#pictures = pictures;
  }

  /** Takes the next picture, whole as it lies in memory, always of one size, and mixes into it what is not yet gone. */
  next(picture: Uint8Array, key: string): void {
    if (this.#pictures === 0) return;
    if (this.#key !== undefined && this.#key !== key) {
      this.#left = this.#pictures;
      [this.#from, this.#last] = [this.#last, this.#from];
    }
    this.#key = key;
    if (this.#left > 0) {
      mixPictures(picture, this.#from, this.#left / (this.#pictures + 1));
      this.#left--;
    }
    if (this.#last.length !== picture.length) this.#last = new Uint8Array(picture.length);
    this.#last.set(picture);
  }
}
