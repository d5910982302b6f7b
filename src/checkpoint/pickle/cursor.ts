/** Why a pickle cannot be read; whoever knows the file turns it into a TalkError. */
export class PickleError extends Error {
  override readonly name = 'PickleError';
}

/** Longest line of a text opcode: names and numbers are short. */
const LINE = 4096;

/** Reads the arguments of opcodes; refuses what lies behind the end. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Next byte. */
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#step(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#step(4), true);
  }

  /** A length of eight bytes. */
  uint64(): number {
    const value = this.#view.getBigUint64(this.#step(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new PickleError(`a length of ${value} bytes`);
    return Number(value);
  }

  /** A float64, big-endian, as pickles alone have it. */
  float(): number {
    return this.#view.getFloat64(this.#step(8), false);
  }

  bytes(length: number): Uint8Array {
    const from = this.#step(length);
    return this.#bytes.subarray(from, from + length);
  }

  text(length: number): string {
    return Buffer.from(this.bytes(length)).toString('utf8');
  }

  /** Up to the next line feed, without it. */
  line(): string {
    const end = this.#bytes.subarray(this.at, this.at + LINE).indexOf(10);
    if (end < 0) throw new PickleError(`a line without an end at byte ${this.at}`);
    const text = Buffer.from(this.#bytes.subarray(this.at, this.at + end)).toString('latin1');
    this.at += end + 1;
    return text;
  }

  /** An integer of any length in two's complement, little-endian; a number where it is exact. */
  integer(length: number): number | bigint {
    if (length > 1024) throw new PickleError(`an integer of ${length} bytes`);
    const bytes = this.bytes(length);
    let value = 0n;
    for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
    if ((bytes[length - 1] ?? 0) >= 128) value -= 1n << BigInt(8 * length);
    return narrow(value);
  }

  #step(length: number): number {
    const from = this.at;
    if (from + length > this.#bytes.length) {
      throw new PickleError(`cut off: byte ${from + length} of ${this.#bytes.length} is asked for`);
    }
    this.at += length;
    return from;
  }
}

/** A bigint as a number where that is exact. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
