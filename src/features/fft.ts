/**
 * Fourier transform of a real signal of even length whose half has only the factors 2, 3, 4 and 5.
 *
 * Speech front ends use windows that are no power of two (Wav2Lip 800, Whisper 400), so a radix-2 transform
 * would have to pad and would put its bins elsewhere. Two real samples are packed into one complex one and
 * transformed at half length (Stockham's self-sorting form: no bit reversal, and each stage reads and writes
 * in order). Tables are made once; `transform` allocates nothing.
 */
export class RealFft {
  /** Length of the real input, in samples. */
  readonly length: number;
  /** Real parts of bins 0..length/2 of the last transform. */
  readonly re: Float64Array;
  /** Imaginary parts of bins 0..length/2 of the last transform. */
  readonly im: Float64Array;

  readonly #stages: Stage[];
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  #a: Complex;
  #b: Complex;

  /** @throws TypeError when `length` is odd or its half has a prime factor above 5 */
  constructor(length: number) {
    if (length < 4 || length % 2 !== 0) {
      throw new TypeError(`Expected an even transform length from 4 but received ${length}.`);
    }
    const half = length / 2;
    this.length = length;
    this.re = new Float64Array(half + 1);
    this.im = new Float64Array(half + 1);
    this.#a = complex(half);
    this.#b = complex(half);
    this.#stages = plan(half);
    this.#cos = new Float64Array(half + 1);
    this.#sin = new Float64Array(half + 1);
    for (let k = 0; k <= half; k++) {
      this.#cos[k] = Math.cos((2 * Math.PI * k) / length);
      this.#sin[k] = Math.sin((2 * Math.PI * k) / length);
    }
  }

  /** Transforms `length` samples of `x` times `window` into `re` and `im`, of which bins `from`..`to` are valid. */
  transform(x: Float64Array, window: Float64Array, from = 0, to = this.length / 2): void {
    const half = this.length / 2;
    let src = this.#a;
    let dst = this.#b;
    for (let i = 0, n = 0; i < half; i++, n += 2) {
      src.re[i] = x[n]! * window[n]!;
      src.im[i] = x[n + 1]! * window[n + 1]!;
    }
    let stride = 1;
    for (const stage of this.#stages) {
      butterflies(stage, stride, src, dst);
      stride *= stage.radix;
      [src, dst] = [dst, src];
    }
    const { re, im } = src;
    for (let k = from; k <= to; k++) {
      const p = k === half ? 0 : k;
      const q = k === 0 || k === half ? 0 : half - k;
      const evenRe = (re[p]! + re[q]!) / 2;
      const evenIm = (im[p]! - im[q]!) / 2;
      const oddRe = (im[p]! + im[q]!) / 2;
      const oddIm = (re[q]! - re[p]!) / 2;
      const c = this.#cos[k]!;
      const s = this.#sin[k]!;
      this.re[k] = evenRe + c * oddRe + s * oddIm;
      this.im[k] = evenIm + c * oddIm - s * oddRe;
    }
  }
}

interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** One pass: `groups` butterflies of `radix` legs; the twiddle of group p, leg u is at p * radix + u. */
interface Stage {
  readonly radix: number;
  readonly groups: number;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function complex(n: number): Complex {
  return { re: new Float64Array(n), im: new Float64Array(n) };
}

function plan(n: number): Stage[] {
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

function butterflies(stage: Stage, stride: number, src: Complex, dst: Complex): void {
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
