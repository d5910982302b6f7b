/**
 * What was made of avatar frames, kept within a number of bytes; the longest unused goes first.
 *
 * A lookup costs nothing to speak of, making a face some 0.5 ms, and a loop of 150 frames at 96 pixels is
 * 33 MB as floats: so the frames of the avatars in use fit and hundreds of others do not pile up.
 */
export class FaceCache<T extends { readonly byteLength: number }> {
  readonly #limit: number;
  readonly #kept = new Map<string, T>();
  #bytes = 0;

  /** @param limit bytes to keep at most; the newest face is kept even when it alone is larger */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is kept under `key`, made by `make` when it is not there. */
  get(key: string, make: () => T): T {
    const known = this.#kept.get(key);
    if (known !== undefined) {
      // A Map keeps the order of insertion: putting it back makes it the newest.
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const made = make();
    this.#kept.set(key, made);
    this.#bytes += made.byteLength;
    for (const [oldest, value] of this.#kept) {
      if (this.#bytes <= this.#limit || this.#kept.size === 1) break;
      this.#kept.delete(oldest);
      this.#bytes -= value.byteLength;
    }
    return made;
  }

  /** Forgets everything whose key begins with `prefix`. */
  forget(prefix: string): void {
    for (const [key, value] of this.#kept) {
      if (!key.startsWith(prefix)) continue;
      this.#kept.delete(key);
      this.#bytes -= value.byteLength;
    }
  }
}
