/**
 * Number types of tensors, and how each becomes the floats that nets are made of here.
 */

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
      return Float32Array.from(new Uint16Array(aligned(bytes)), halfToFloat);
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

/** IEEE 754 binary16 to number. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const SCRATCH = new Float32Array(1);
const SCRATCH_BITS = new Uint32Array(SCRATCH.buffer);

/** A float32 as IEEE 754 binary16, to the nearest, ties to even; too large ones become infinite. */
export function floatToHalf(value: number): number {
  SCRATCH[0] = value;
  const bits = SCRATCH_BITS[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 and above round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2^-14 halves are multiples of 2^-24.
    const scaled = Math.abs(value) * 2 ** 24;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    return sign | (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The same bytes in a buffer of their own, which may be read as larger numbers. */
function aligned(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
    ? bytes.buffer
    : bytes.slice().buffer;
}
