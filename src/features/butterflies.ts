/** The passes of a Stockham transform: radix 4 and 5 written out, the others by their definition. */

/** Real and imaginary parts side by side. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** One pass: `groups` butterflies of `radix` legs; the twiddle of group p, leg u is at p * radix + u. */
export interface Stage {
  readonly radix: number;
  readonly groups: number;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** Zeros of length `n`. */
export function complex(n: number): Complex {
  return { re: new Float64Array(n), im: new Float64Array(n) };
}

/** The passes of a transform of length `n`. @throws TypeError when `n` has a prime factor above 5 */
export function plan(n: number): Stage[] {
  const stages: Stage[] = [];
  for (let rest = n; rest > 1; ) {
    const radix = [4, 2, 3, 5].find((r) => rest % r === 0);
    if (radix === undefined)
      throw new TypeError(`Expected a length of factors 2, 3 and 5 but received ${2 * n}.`);
    const groups = rest / radix;
    const cos = new Float64Array(rest);
    const sin = new Float64Array(rest);
    for (let p = 0; p < groups; p++) {
      for (let u = 0; u < radix; u++) {
        cos[p * radix + u] = Math.cos((2 * Math.PI * p * u) / rest);
        sin[p * radix + u] = -Math.sin((2 * Math.PI * p * u) / rest);
      }
    }
    stages.push({ radix, groups, cos, sin });
    rest = groups;
  }
  return stages;
}

/** Roots of unity of the odd radices, as the butterfly of `r` legs needs them: cos and sin of 2 pi i / r. */
const LEGS = new Map(
  [2, 3, 4, 5].map((r) => [
    r,
    Array.from({ length: r }, (_, i) => {
      const angle = (2 * Math.PI * i) / r;
      return [Math.cos(angle), -Math.sin(angle)] as const;
    }),
  ]),
);

/** One pass from `src` to `dst`; `stride` is the product of the radices before it. */
export function butterflies(stage: Stage, stride: number, src: Complex, dst: Complex): void {
  if (stage.radix === 4) radix4(stage, stride, src, dst);
  else if (stage.radix === 5) radix5(stage, stride, src, dst);
  else anyRadix(stage, stride, src, dst);
}

function radix4({ groups, cos, sin }: Stage, stride: number, src: Complex, dst: Complex): void {
  const { re: xr, im: xi } = src;
  const { re: yr, im: yi } = dst;
  const leg = stride * groups;
  for (let p = 0; p < groups; p++) {
    const w = 4 * p;
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p;
      const ar = xr[i]!;
      const ai = xi[i]!;
      const br = xr[i + leg]!;
      const bi = xi[i + leg]!;
      const cr = xr[i + 2 * leg]!;
      const ci = xi[i + 2 * leg]!;
      const dr = xr[i + 3 * leg]!;
      const di = xi[i + 3 * leg]!;
      const o = q + stride * w;
      yr[o] = ar + cr + br + dr;
      yi[o] = ai + ci + bi + di;
      put(yr, yi, o + stride, ar - cr + bi - di, ai - ci - br + dr, cos[w + 1]!, sin[w + 1]!);
      put(yr, yi, o + 2 * stride, ar + cr - br - dr, ai + ci - bi - di, cos[w + 2]!, sin[w + 2]!);
      put(yr, yi, o + 3 * stride, ar - cr - bi + di, ai - ci + br - dr, cos[w + 3]!, sin[w + 3]!);
    }
  }
}

const C1 = Math.cos((2 * Math.PI) / 5);
const C2 = Math.cos((4 * Math.PI) / 5);
const S1 = Math.sin((2 * Math.PI) / 5);
const S2 = Math.sin((4 * Math.PI) / 5);

function radix5({ groups, cos, sin }: Stage, stride: number, src: Complex, dst: Complex): void {
  const { re: xr, im: xi } = src;
  const { re: yr, im: yi } = dst;
  const leg = stride * groups;
  for (let p = 0; p < groups; p++) {
    const w = 5 * p;
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p;
      const r0 = xr[i]!;
      const i0 = xi[i]!;
      const sumR1 = xr[i + leg]! + xr[i + 4 * leg]!;
      const sumI1 = xi[i + leg]! + xi[i + 4 * leg]!;
      const difR1 = xr[i + leg]! - xr[i + 4 * leg]!;
      const difI1 = xi[i + leg]! - xi[i + 4 * leg]!;
      const sumR2 = xr[i + 2 * leg]! + xr[i + 3 * leg]!;
      const sumI2 = xi[i + 2 * leg]! + xi[i + 3 * leg]!;
      const difR2 = xr[i + 2 * leg]! - xr[i + 3 * leg]!;
      const difI2 = xi[i + 2 * leg]! - xi[i + 3 * leg]!;
      const pr = r0 + C1 * sumR1 + C2 * sumR2;
      const pi = i0 + C1 * sumI1 + C2 * sumI2;
      const qr = r0 + C2 * sumR1 + C1 * sumR2;
      const qi = i0 + C2 * sumI1 + C1 * sumI2;
      const ur = S1 * difI1 + S2 * difI2;
      const ui = S1 * difR1 + S2 * difR2;
      const vr = S2 * difI1 - S1 * difI2;
      const vi = S2 * difR1 - S1 * difR2;
      const o = q + stride * w;
      yr[o] = r0 + sumR1 + sumR2;
      yi[o] = i0 + sumI1 + sumI2;
      put(yr, yi, o + stride, pr + ur, pi - ui, cos[w + 1]!, sin[w + 1]!);
      put(yr, yi, o + 2 * stride, qr + vr, qi - vi, cos[w + 2]!, sin[w + 2]!);
      put(yr, yi, o + 3 * stride, qr - vr, qi + vi, cos[w + 3]!, sin[w + 3]!);
      put(yr, yi, o + 4 * stride, pr - ur, pi + ui, cos[w + 4]!, sin[w + 4]!);
    }
  }
}

function anyRadix({ radix, groups, cos, sin }: Stage, stride: number, src: Complex, dst: Complex): void {
  const legs = LEGS.get(radix)!;
  const leg = stride * groups;
  for (let p = 0; p < groups; p++) {
    for (let q = 0; q < stride; q++) {
      const i = q + stride * p;
      for (let u = 0; u < radix; u++) {
        let sumR = 0;
        let sumI = 0;
        for (let t = 0; t < radix; t++) {
          const [c, s] = legs[(u * t) % radix]!;
          const xr = src.re[i + t * leg]!;
          const xi = src.im[i + t * leg]!;
          sumR += xr * c - xi * s;
          sumI += xr * s + xi * c;
        }
        const w = p * radix + u;
        put(dst.re, dst.im, q + stride * w, sumR, sumI, cos[w]!, sin[w]!);
      }
    }
  }
}

/** Writes (re, im) turned by the twiddle (c, s). */
function put(
  yr: Float64Array,
  yi: Float64Array,
  at: number,
  re: number,
  im: number,
  c: number,
  s: number,
): void {
  yr[at] = re * c - im * s;
  yi[at] = re * s + im * c;
}
