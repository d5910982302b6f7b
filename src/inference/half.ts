/**
 * IEEE 754 binary16, which JavaScript has no arrays of (Node 20).
 */

const SCRATCH = new Float32Array(1);
const SCRATCH_BITS = new Uint32Array(SCRATCH.buffer);

/** A binary16 as number. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A float32 as binary16, to the nearest, ties to even; too large ones become infinite. */
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

/** All halves as floats: a look-up takes a tenth of the time of computing. Made when first asked for, 256 KB. */
let table: Float32Array | undefined;

/** Many halves as floats. */
export function toFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => halfToFloat(half));
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < floats.length; i++) floats[i] = table[halves[i] ?? 0] ?? 0;
  return floats;
}

/** Many floats, or bytes, as halves. */
export function toHalves(numbers: Float32Array | Uint8Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(numbers.length);
  // Not `from` with a function: for typed arrays that goes by the iterator, twenty times as slow.
  for (let i = 0; i < halves.length; i++) halves[i] = floatToHalf(numbers[i] ?? 0);
  return halves;
}
