/** A/V skew from the times of flashes and beeps. + means audio late, − means audio early. All in ms. */

export interface Skew {
  n: number;
  min: number;
  median: number;
  max: number;
  p99: number;
  /** Change over an hour by the least squares line through the single skews. */
  driftPerHour: number;
}

/** Pairs each flash with the beep nearest to it; without one within `window` ms it counts for nothing. */
export function pair(
  flashes: readonly number[],
  beeps: readonly number[],
  window = 450,
): { at: number; skew: number }[] {
  return flashes.flatMap((flash) => {
    const nearest = beeps.reduce<number | undefined>(
      (best, beep) => (best === undefined || Math.abs(beep - flash) < Math.abs(best - flash) ? beep : best),
      undefined,
    );
    if (nearest === undefined || Math.abs(nearest - flash) > window) return [];
    return [{ at: flash, skew: nearest - flash }];
  });
}

/** The q-quantile of values, 0..1, by nearest rank. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1));
  return sorted[index] ?? Number.NaN;
}

/** Statistics of paired events; `bias` is subtracted from each. p99 is of the distance from the median. */
export function skewOf(pairs: readonly { at: number; skew: number }[], bias = 0): Skew {
  const values = pairs.map((p) => p.skew - bias);
  const median = quantile(values, 0.5);
  return {
    n: values.length,
    min: quantile(values, 0),
    median,
    max: quantile(values, 1),
    p99: quantile(
      values.map((v) => Math.abs(v - median)),
      0.99,
    ),
    driftPerHour: slope(pairs) * 3_600_000,
  };
}

/** Slope of skew over time, ms per ms; 0 for fewer than two events. */
function slope(pairs: readonly { at: number; skew: number }[]): number {
  const n = pairs.length;
  if (n < 2) return 0;
  const meanAt = pairs.reduce((sum, p) => sum + p.at, 0) / n;
  const meanSkew = pairs.reduce((sum, p) => sum + p.skew, 0) / n;
  const covariance = pairs.reduce((sum, p) => sum + (p.at - meanAt) * (p.skew - meanSkew), 0);
  const variance = pairs.reduce((sum, p) => sum + (p.at - meanAt) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}
