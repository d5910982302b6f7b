/** Where one sound lies in another. */

/** The shift, in samples, at which `part` is most like `whole`, and how like: the correlation there, 0 to 1. */
export function locate(
  whole: Float32Array,
  part: Float32Array,
  { from = 0, to = whole.length - part.length, coarse = 4 } = {},
): { at: number; likeness: number } {
  const at = best(whole, part, from, to, coarse);
  return best2(whole, part, Math.max(from, at - 2 * coarse), Math.min(to, at + 2 * coarse));
}

function best(whole: Float32Array, part: Float32Array, from: number, to: number, step: number): number {
  let [found, most] = [from, Number.NEGATIVE_INFINITY];
  for (let at = from; at <= to; at += step) {
    const one = likeness(whole, part, at, 3);
    if (one > most) [found, most] = [at, one];
  }
  return found;
}

function best2(whole: Float32Array, part: Float32Array, from: number, to: number) {
  let [found, most] = [from, Number.NEGATIVE_INFINITY];
  for (let at = from; at <= to; at++) {
    const one = likeness(whole, part, at, 1);
    if (one > most) [found, most] = [at, one];
  }
  return { at: found, likeness: most };
}

function likeness(whole: Float32Array, part: Float32Array, at: number, step: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < part.length; n += step) {
    const [a, b] = [whole[at + n] ?? 0, part[n] ?? 0];
    ab += a * b;
    aa += a * a;
    bb += b * b;
  }
  return ab / (Math.sqrt(aa * bb) || 1);
}
