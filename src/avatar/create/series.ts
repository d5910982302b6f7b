/** Numbers over time. */

/**
 * A Gaussian over a series, forwards and backwards alike, so that nothing comes late; `sigma` in samples. At the ends the
 * series goes on turned about its last value, so that a steady motion stays one.
 */
export function smooth(values: readonly number[], sigma: number): number[] {
  const count = values.length;
  const reach = Math.ceil(3 * sigma);
  const at = (i: number): number => {
    if (i < 0) return 2 * values[0]! - values[Math.min(count - 1, -i)]!;
    if (i >= count) return 2 * values[count - 1]! - values[Math.max(0, 2 * count - 2 - i)]!;
    return values[i]!;
  };
  const weights = Array.from({ length: reach + 1 }, (_, d) => Math.exp((-d * d) / (2 * sigma * sigma)));
  const total = weights.reduce((sum, w, d) => sum + (d === 0 ? w : 2 * w), 0);
  return values.map((value, i) => {
    let sum = value;
    for (let d = 1; d <= reach; d++) sum += weights[d]! * (at(i - d) + at(i + d));
    return sum / total;
  });
}

/** The value below which so large a part of them lies. @throws RangeError for none */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new RangeError('Expected values but received none.');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
}

/** Runs of indices for which something holds: first and the one behind the last. */
export function runs(count: number, holds: (i: number) => boolean): [number, number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    if (!holds(i)) continue;
    const last = found.at(-1);
    if (last?.[1] === i) last[1] = i + 1;
    else found.push([i, i + 1]);
  }
  return found;
}
