/**
 * Number types of tensors, and how each becomes the floats that nets are made of here.
 */

import { toFloats as floatsOfHalves } from '../inference/half.js';

/** Bytes of one number, by type. */
export const DTYPES = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
} as const;

export type DType = keyof typeof DTYPES;

/** Little-endian numbers of a type as float32; a copy unless they are float32 already. */
export function toFloats(dtype: DType, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  const count = byteLength / DTYPES[dtype];
  switch (dtype) {
    case 'float32':
      return byteOffset % 4 === 0
        ? new Float32Array(buffer, byteOffset, count)
        : new Float32Array(bytes.slice().buffer);
    case 'float16':
      return floatsOfHalves(new Uint16Array(aligned(bytes)));
    case 'bfloat16': {
      // The upper half of a float32.
      const floats = new Float32Array(count);
      const bits = new Uint32Array(floats.buffer);
      const halves = new Uint16Array(aligned(bytes));
      for (let i = 0; i < count; i++) bits[i] = (halves[i] ?? 0) << 16;
      return floats;
    }
    case 'float64':
      return Float32Array.from(new Float64Array(aligned(bytes)));
    case 'int64':
      return Float32Array.from(new BigInt64Array(aligned(bytes)), Number);
    case 'int32':
      return Float32Array.from(new Int32Array(aligned(bytes)));
    case 'int16':
      return Float32Array.from(new Int16Array(aligned(bytes)));
    case 'int8':
      return Float32Array.from(new Int8Array(aligned(bytes)));
    default:
      return Float32Array.from(bytes);
  }
}

/** The same bytes in a buffer of their own, which may be read as larger numbers. */
function aligned(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
    ? bytes.buffer
    : bytes.slice().buffer;
}
