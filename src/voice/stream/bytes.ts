/** Bytes that arrive in pieces of any size, read in pieces of the reader's. */

/** Reads a stream of bytes: so many, or what there is. */
export class ByteReader {
  readonly #from: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  #parts: Uint8Array[] = [];
  #length = 0;
  #ended = false;

  /** `signal`: whose abort ends the stream wherever it is. */
  constructor(from: AsyncIterable<Uint8Array>, signal?: AbortSignal) {
    this.#from = from[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  /** Nobody wants the rest, so its end is none of the stream's own. */
  get aborted(): boolean {
    return this.#signal?.aborted === true;
  }

  /** The next `count` bytes, without taking them; fewer where the stream ends before. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#length < count && (await this.#more()));
    return this.#joined().subarray(0, count);
  }

  /** Takes the next `count` bytes; fewer where the stream ends before. */
  async take(count: number): Promise<Uint8Array> {
    const taken = await this.peek(count);
    this.#leave(taken.length);
    return taken;
  }

  /** Takes what there is, waiting for it, at most `most` bytes; undefined at the end. */
  async some(most = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    if (this.#length === 0 && !(await this.#more())) return undefined;
    const taken = this.#parts[0]!.subarray(0, most);
    this.#leave(taken.length);
    return taken;
  }

  /** Nobody reads on: whoever writes is told, and not waited for. */
  close(): void {
    this.#ended = true;
    this.#from.return?.()?.catch(() => undefined);
  }

  async #more(): Promise<boolean> {
    while (!this.#ended) {
      const { value, done } = await this.#from.next();
      if (done === true) {
        this.#ended = true;
        break;
      }
      if (value.length === 0) continue;
      this.#parts.push(value);
      this.#length += value.length;
      return true;
    }
    return false;
  }

  #joined(): Uint8Array {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0] ?? new Uint8Array(0);
  }

  #leave(count: number): void {
    let left = count;
    this.#length -= count;
    while (left > 0) {
      const first = this.#parts[0]!;
      if (first.length > left) {
        this.#parts[0] = first.subarray(left);
        return;
      }
      left -= first.length;
      this.#parts.shift();
    }
  }
}
