/**
 * Reads protobuf messages where they lie: a field at a time, the bytes of weights not at all. Files of others may be
 * gigabytes, and damaged.
 */
import type { Extent, LazyFile } from '../file.js';

/** Bytes read at a time. */
const BLOCK = 1 << 18;
/** Longest text that is taken for a name. */
const MOST_TEXT = 1 << 14;

/** One field of a message: a number, or where its bytes lie. */
export interface Field {
  readonly number: number;
  /** Of a varint; 0 for others. */
  readonly value: number;
  readonly extent: Extent;
}

/** Messages of one file. */
export class Messages {
  readonly #file: LazyFile;
  #block = new Uint8Array(0);
  #at = 0;

  constructor(file: LazyFile) {
    this.#file = file;
  }

  /** All of the file. */
  get whole(): Extent {
    return { at: 0, bytes: this.#file.size };
  }

  /** The fields of a message, in order. @throws TalkError stream/format, RangeError for what is no protobuf */
  async *fields({ at, bytes }: Extent): AsyncGenerator<Field> {
    const end = at + bytes;
    for (let next = at; next < end; ) {
      const [tag, first] = await this.#varint(next);
      const [number, wire] = [Math.floor(tag / 8), tag % 8];
      if (wire === 0) {
        const [value, after] = await this.#varint(first);
        next = after;
        yield { number, value, extent: { at: first, bytes: after - first } };
      } else {
        const [length, start] = wire === 2 ? await this.#varint(first) : [fixed(wire), first];
        next = start + length;
        if (next > end)
          throw new RangeError('it is cut off or damaged: a field is longer than what holds it.');
        yield { number, value: 0, extent: { at: start, bytes: length } };
      }
    }
  }

  /** A text. @throws RangeError for one that is too long for a name */
  async text({ at, bytes }: Extent): Promise<string> {
    if (bytes > MOST_TEXT) throw new RangeError(`it has a name of ${bytes} bytes.`);
    return Buffer.from(await this.#bytes(at, bytes)).toString('utf8');
  }

  /** The number at `at`, and where what follows it begins. */
  async #varint(at: number): Promise<[number, number]> {
    const bytes = await this.#bytes(at, Math.min(10, this.#file.size - at));
    let value = 0;
    for (const [i, byte] of bytes.entries()) {
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) return [value, at + i + 1];
    }
    throw new RangeError('it is cut off or damaged.');
  }

  async #bytes(at: number, bytes: number): Promise<Uint8Array> {
    if (at < this.#at || at + bytes > this.#at + this.#block.length) {
      this.#block = await this.#file.read({
        at,
        bytes: Math.max(bytes, Math.min(BLOCK, this.#file.size - at)),
      });
      this.#at = at;
    }
    return this.#block.subarray(at - this.#at, at - this.#at + bytes);
  }
}

function fixed(wire: number): number {
  if (wire === 1) return 8;
  if (wire === 5) return 4;
  throw new RangeError('it is no ONNX file, or damaged.');
}
