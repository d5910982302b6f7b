/**
 * Writes protobuf messages whose largest fields do not exist yet.
 *
 * Lengths stand in front of what they measure, at every level, so a library has to hold the whole message (several
 * times: a tensor in a graph in a model) before the first byte leaves. Weights are 145 to 680 MB; here a field may be a
 * promise of so many bytes, made when its turn comes and gone right after.
 */

/** Bytes that are made when they are written. */
export interface Late {
  readonly byteLength: number;
  make(): Promise<Uint8Array>;
}

export type Piece = Uint8Array | Late;

/** A message or a part of one: pieces that follow one another. */
export type Part = readonly Piece[];

/** Bytes of a part. */
export function lengthOf(part: Part): number {
  return part.reduce((sum, piece) => sum + piece.byteLength, 0);
}

/** A whole number; a negative one as the 64 bits of its two's complement. */
export function int(field: number, value: number): Part {
  return [Uint8Array.from([...varint(field * 8), ...varint(value)])];
}

/** A float32. */
export function float(field: number, value: number): Part {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [Uint8Array.from([...varint(field * 8 + 5), ...bytes])];
}

/** A text. */
export function text(field: number, value: string): Part {
  return message(field, [new TextEncoder().encode(value)]);
}

/** Bytes or a message, with its length in front. */
export function message(field: number, part: Part): Part {
  return [Uint8Array.from([...varint(field * 8 + 2), ...varint(lengthOf(part))]), ...part];
}

function varint(value: number): number[] {
  if (value < 0) {
    const bits = BigInt.asUintN(64, BigInt(value));
    return Array.from({ length: 10 }, (_, i) => Number((bits >> BigInt(7 * i)) & 127n) | (i < 9 ? 128 : 0));
  }
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}
