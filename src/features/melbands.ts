/**
 * Triangular mel filters on Slaney's scale with Slaney's area normalisation, stored sparsely.
 *
 * The scale is linear below 1 kHz (200/3 Hz a mel) and logarithmic above (27 mels for a factor of 6.4);
 * each triangle has unit area in Hz, so a band's value does not grow with its width. M. Slaney, "Auditory
 * Toolbox", Interval Research 1998-010.
 */
export interface MelBands {
  /** Number of bands. */
  readonly count: number;
  /** First and last transform bin that any band uses. */
  readonly from: number;
  readonly to: number;
  /** First bin of each band, and where its weights begin in `weights`; one more entry closes the last band. */
  readonly bins: Int32Array;
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

const KNEE_HZ = 1000;
const KNEE_MEL = 15;
const LOG_STEP = Math.log(6.4) / 27;

/** Frequency in Hz on Slaney's mel scale. */
export function toMel(hz: number): number {
  return hz < KNEE_HZ ? (3 * hz) / 200 : KNEE_MEL + Math.log(hz / KNEE_HZ) / LOG_STEP;
}

/** The frequency in Hz of a point on Slaney's mel scale. */
export function fromMel(mel: number): number {
  return mel < KNEE_MEL ? (200 * mel) / 3 : KNEE_HZ * Math.exp((mel - KNEE_MEL) * LOG_STEP);
}

/** `count` bands between `low` and `high` Hz over the bins of a transform of `length` samples at `rate` Hz. */
export function melBands(count: number, low: number, high: number, length: number, rate: number): MelBands {
  const first = toMel(low);
  const last = toMel(high);
  const edges = Array.from({ length: count + 2 }, (_, i) =>
    fromMel(first + ((last - first) * i) / (count + 1)),
  );
  const bins = new Int32Array(count);
  const offsets = new Int32Array(count + 1);
  const weights: number[] = [];
  let from = length / 2;
  let to = 0;
  for (let band = 0; band < count; band++) {
    const left = edges[band]!;
    const peak = edges[band + 1]!;
    const right = edges[band + 2]!;
    let begun = false;
    for (let bin = 0; bin <= length / 2; bin++) {
      const hz = (bin * rate) / length;
      const weight = Math.min((hz - left) / (peak - left), (right - hz) / (right - peak));
      if (weight <= 0) continue;
      if (!begun) bins[band] = bin;
      begun = true;
      weights.push((weight * 2) / (right - left));
      from = Math.min(from, bin);
      to = Math.max(to, bin);
    }
    offsets[band + 1] = weights.length;
  }
  return { count, from, to, bins, offsets, weights: Float64Array.from(weights) };
}
