/** The text of an utterance while it is written: said as its parts come, kept with where they began. */

export class Written implements AsyncIterable<string> {
  #text = '';
  readonly #parts: number[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  /** A text that was written in parts of these lengths before, in UTF-16 units. What they do not cover is the last one. */
  static of(text: string, lengths: readonly number[]): Written {
    const written = new Written();
    let at = 0;
    for (const length of lengths) {
      written.push(text.slice(at, at + length));
      at += length;
    }
    written.push(text.slice(at));
    written.end();
    return written;
  }

  /** What is written so far. */
  get text(): string {
    return this.#text;
  }

  /** Nothing is added any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The lengths of its parts in UTF-16 units. How a text came decides where it was cut into sentences. */
  get parts(): readonly number[] {
    return this.#parts;
  }

  /** Writes on; after the end it does nothing. */
  push(part: string): void {
    if (this.#ended || part === '') return;
    this.#text += part;
    this.#parts.push(part.length);
    this.#wake?.();
  }

  /** It is complete. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    for (let part = 0, at = 0; ; part++) {
      while (part === this.#parts.length && !this.#ended) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const length = this.#parts[part];
      if (length === undefined) return;
      yield this.#text.slice(at, at + length);
      at += length;
    }
  }
}
