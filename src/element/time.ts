/**
 * Time in media is a count of nanoseconds. "None" is `undefined`, zero is a time like any other, so a time is never
 * tested for truth.
 */

/** Nanoseconds. Plain numbers are accepted; other flavoured units are not. Exact up to 104 days. */
export type Ns = number & { readonly unit?: 'ns' };

/** Nanoseconds in a second. */
export const SECOND: Ns = 1e9;
/** Nanoseconds in a millisecond. */
export const MS: Ns = 1e6;

/** Milliseconds as nanoseconds. */
export const ms = (milliseconds: number): Ns => Math.round(milliseconds * MS);

/** Seconds as nanoseconds. */
export const seconds = (count: number): Ns => Math.round(count * SECOND);

/** Frames per second as caps write them: `25/1`, `30000/1001`. A sample rate is `{ num: rate, den: 1 }`. */
export interface Fraction {
  readonly num: number;
  readonly den: number;
}

const rateOf = (rate: number | Fraction): Fraction =>
  typeof rate === 'number' ? { num: rate, den: 1 } : rate;

/**
 * When frame (or sample) number `count` begins, from a counter. Never add durations up: each rounds, a counter
 * does not.
 */
export function framesToNs(count: number, rate: number | Fraction): Ns {
  const { num, den } = rateOf(rate);
  // Whole seconds first, so that the product stays exact for days of audio.
  const whole = Math.floor((count * den) / num);
  const rest = count * den - whole * num;
  return whole * SECOND + Math.round((rest * SECOND) / num);
}

/** The frame (or sample) that is playing at `time`: the inverse of `framesToNs`, to the nearest frame. */
export function nsToFrames(time: Ns, rate: number | Fraction): number {
  const { num, den } = rateOf(rate);
  const whole = Math.floor(time / SECOND);
  const rest = time - whole * SECOND;
  return Math.round((whole * num) / den + (rest * num) / (den * SECOND));
}
