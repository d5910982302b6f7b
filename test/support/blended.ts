/** A patch between two others, by the book: what `native/blend.cc` is held against. */
export function blended(
  size: number,
  layers: boolean,
  [before, after]: readonly [Uint8Array, Uint8Array],
  part: number,
): Uint8Array {
  const area = size * size;
  const out = new Uint8Array(before.length);
  const near = (x: number) => Math.floor(x + 0.5);
  for (let i = 0; i < 3 * area; i++) out[i] = near(before[i]! * (1 - part) + after[i]! * part);
  if (!layers) return out;
  const [from, to, flow] = [before, after, out].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset));
  for (let at = 3 * area; at < 7 * area; at += 2) {
    const mixed = from!.getInt16(at, true) * (1 - part) + to!.getInt16(at, true) * part;
    flow!.setInt16(at, near(mixed), true);
  }
  for (let i = 0; i < area; i++) {
    const one = before[7 * area + i]! * (1 - part);
    const two = after[7 * area + i]! * part;
    const alpha = near(one + two);
    out[7 * area + i] = alpha;
    for (let c = 8 * area + 3 * i; c < 8 * area + 3 * i + 3; c++)
      out[c] = alpha === 0 ? 0 : near((before[c]! * one + after[c]! * two) / (one + two));
  }
  return out;
}
