/** Pixels between pixels. */

/** Pixels of three numbers, `step` numbers apart. */
export interface Line {
  readonly from: Float32Array;
  readonly base: number;
  readonly step: number;
  /** Number of the last one. */
  readonly last: number;
}

/** Pixels that one between pixels is made of, and places between two that are told apart. */
const TAPS = 6;
const PLACES = 256;

/** Lanczos' weights, of six: four would take a third of the finest detail, and give it back where a motion rests. */
const WEIGHTS = Float32Array.from({ length: (PLACES + 1) * TAPS }, (_, i) => {
  const part = Math.floor(i / TAPS) / PLACES;
  const weight = (tap: number) => lanczos(tap - (TAPS / 2 - 1) - part);
  const sum = Array.from({ length: TAPS }, (_, tap) => weight(tap)).reduce((a, b) => a + b, 0);
  return weight(i % TAPS) / sum;
});

function lanczos(x: number): number {
  const reach = TAPS / 2;
  if (x === 0) return 1;
  if (Math.abs(x) >= reach) return 0;
  return (reach * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / reach)) / (Math.PI * x) ** 2;
}

/** What lies at a place of a line; beyond its ends they repeat. */
export function between({ from, base, step, last }: Line, place: number, to: Float32Array, at: number): void {
  const cell = Math.floor(place);
  const weight = TAPS * Math.round((place - cell) * PLACES);
  let [a, b, c] = [0, 0, 0];
  for (let tap = 0; tap < TAPS; tap++) {
    const w = WEIGHTS[weight + tap]!;
    const n = base + step * Math.min(last, Math.max(0, cell + tap - (TAPS / 2 - 1)));
    a += w * from[n]!;
    b += w * from[n + 1]!;
    c += w * from[n + 2]!;
  }
  to[at] = a;
  to[at + 1] = b;
  to[at + 2] = c;
}
