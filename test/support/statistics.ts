/** What tests compare series with: the mouth's opening with a loudness, a track with its truth. */

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pearson's r of two series of the same length. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    ab += (value - ma) * (b[i]! - mb);
    aa += (value - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Each value as the mean of itself and up to `reach` neighbours on either side: the mouth is slower than the sound. */
export const smooth = (values: readonly number[], reach: number): number[] =>
  values.map((_, i) => mean(values.slice(Math.max(0, i - reach), i + reach + 1)));
