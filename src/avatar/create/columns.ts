/** Columns of a picture, for whoever moves what is in it up and down. */

/** An RGB picture without padding. */
export interface Rgb {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A part of a picture as it was. */
export interface Columns {
  readonly data: Uint8Array;
  /** Its first column and row in the picture. */
  readonly from: number;
  readonly first: number;
  readonly across: number;
  readonly down: number;
}

/** Copies columns `from` to `to`, rows `first` to `last`, both ends included. */
export function copyColumns(
  { data, width }: Rgb,
  { from, to, first, last }: { from: number; to: number; first: number; last: number },
): Columns {
  const across = to - from + 1;
  const down = last - first + 1;
  const out = new Uint8Array(3 * across * down);
  for (let row = 0; row < down; row++) {
    const at = 3 * ((first + row) * width + from);
    out.set(data.subarray(at, at + 3 * across), 3 * row * across);
  }
  return { data: out, from, first, across, down };
}

/** Channel `c` in column `x` at height `y` of the picture, between its pixels by Catmull-Rom. */
export function sampleColumn(
  { data, from, first, across, down }: Columns,
  x: number,
  y: number,
  c: number,
): number {
  const place = y - 0.5 - first;
  const row = Math.floor(place);
  const t = place - row;
  const at = (r: number) => data[3 * (Math.min(down - 1, Math.max(0, r)) * across + x - from) + c]!;
  const [a, b, d, e] = [at(row - 1), at(row), at(row + 1), at(row + 2)];
  return b + 0.5 * t * (d - a + t * (2 * a - 5 * b + 4 * d - e + t * (3 * (b - d) + e - a)));
}

/** 1 up to 0, then softly to 0 at 1. */
export function fade(t: number): number {
  if (t <= 0) return 1;
  return t >= 1 ? 0 : 1 - t * t * (3 - 2 * t);
}
