/**
 * Where the lips part, found by colour around the points, which know it to a pixel or two only.
 */
import type { Colour } from '../picture/colour.js';
import { cropPicture, type Picture } from '../picture/picture.js';
import type { Point, Points } from './points.js';

/**
 * The edges of the gap between the lips: below the line from corner to corner by `s (1 - s) (a + b s + c s^2)` of its
 * length, s being 0 at the left corner and 1 at the right one.
 */
export interface Parting {
  readonly left: Point;
  readonly right: Point;
  /** Lower edge of the upper lip: a, b, c. */
  readonly upper: readonly [number, number, number];
  /** Upper edge of the lower lip. */
  readonly lower: readonly [number, number, number];
}

/** How far an edge lies below the line at `s`, in parts of its length. */
export function edgeAt([a, b, c]: Parting['upper'], s: number): number {
  return s * (1 - s) * (a + s * (b + s * c));
}

/** The mean width of the gap, in parts of the mouth's width. */
export function gapOf({ upper, lower }: Pick<Parting, 'upper' | 'lower'>): number {
  let sum = 0;
  for (let i = 1; i < 10; i++) sum += edgeAt(lower, i / 10) - edgeAt(upper, i / 10);
  return sum / 9;
}

const SIDE = 128;
/** The crop's side in widths of the mouth. */
const ROOM = 1.6;
const COLUMNS = 21;
/** Levels that the inside of a mouth must differ from its lips. */
const TELLS = 24;
/** Half pixels of the crop that must be lip before it is believed. */
const SURE = 4;
/** How far from the points an edge is searched, in parts of the mouth's width. */
const SEARCH = 0.07;

/** The gap between the lips in a picture. */
export function findParting(picture: Picture, colour: Colour, points: Points): Parting {
  const left = points[60]!;
  const right = points[64]!;
  const width = Math.hypot(right.x - left.x, right.y - left.y);
  const side = ROOM * width;
  const box = { x: (left.x + right.x - side) / 2, y: (left.y + right.y - side) / 2, w: side, h: side };
  const rgb = cropPicture(picture, box, SIDE, 'RGB', colour);
  const scale = SIDE / side;
  const at = ({ x, y }: Point): Point => ({ x: (x - box.x) * scale, y: (y - box.y) * scale });
  const curve = (...names: number[]) => names.map((n) => at(points[n]!));
  const top = curve(48, 49, 50, 51, 52, 53, 54);
  const bottom = curve(48, 59, 58, 57, 56, 55, 54);
  const upper = curve(60, 61, 62, 63, 64);
  const lower = curve(60, 67, 66, 65, 64);
  const [a, b] = [at(left), at(right)];
  const columns = Array.from({ length: COLUMNS }, (_, i) => {
    const s = (i + 1) / (COLUMNS + 1);
    const x = a.x + s * (b.x - a.x);
    const line = a.y + s * (b.y - a.y);
    return {
      s,
      x,
      line,
      u: heightAt(upper, x),
      l: heightAt(lower, x),
      t: heightAt(top, x),
      b: heightAt(bottom, x),
    };
  });
  const middle = columns.filter(({ s }) => s > 0.25 && s < 0.75);
  const lipAbove = meanColour(middle.map(({ x, t, u }) => pixel(rgb, x, (t + u) / 2)));
  const lipBelow = meanColour(middle.map(({ x, l, b }) => pixel(rgb, x, (l + b) / 2)));
  const reach = SEARCH * width * scale;
  const edges = columns.map((column) => {
    const { x, u, l } = column;
    const centre = (u + l) / 2;
    const up = edge(rgb, x, centre, Math.max(0, u - reach), lipAbove);
    const down = edge(rgb, x, centre, Math.min(SIDE - 1, l + reach), lipBelow);
    // Where what is inside looks like lip there is no inside, though the points of closed lips are a little apart.
    return { ...column, up: up ?? centre, down: down ?? centre };
  });
  const unit = width * scale;
  const fit = (pick: (edge: (typeof edges)[number]) => number) =>
    fitted(edges.map((one) => [one.s, (pick(one) - one.line) / unit]));
  return { left, right, upper: fit(({ up }) => up), lower: fit(({ down }) => down) };
}

/**
 * From inside the mouth to where the lip begins: where nothing for a while differs from it as what is inside does. Undefined
 * when what is inside looks like lip.
 */
function edge(
  rgb: Uint8Array,
  x: number,
  from: number,
  to: number,
  lip: readonly number[],
): number | undefined {
  const steps = Math.max(2, Math.ceil(2 * Math.abs(to - from)));
  const far = Array.from({ length: steps + 1 }, (_, i) => {
    const [r = 0, g = 0, b = 0] = pixel(rgb, x, from + ((to - from) * i) / steps);
    return Math.hypot(r - lip[0]!, g - lip[1]!, b - lip[2]!);
  });
  const most = Math.max(...far.slice(0, Math.ceil(steps / 2)));
  if (most < TELLS) return undefined;
  // Between teeth and lip there is a dark rim, nearer to the lip than the teeth are.
  const limit = Math.max(TELLS, Math.min(0.45 * most, 75));
  for (let i = far.indexOf(most); i < steps; i++) {
    const [here = 0, next = 0] = [far[i], far[i + 1]];
    if (here < limit || next >= limit || far.slice(i + 1, i + 1 + SURE).some((value) => value >= limit))
      continue;
    return from + ((to - from) * (i + (here - limit) / (here - next))) / steps;
  }
  return undefined;
}

/** Least squares of y = s (1 - s) (a + b s + c s^2). */
function fitted(samples: readonly (readonly [number, number])[]): [number, number, number] {
  const m = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
  for (const [s, y] of samples) {
    const base = s * (1 - s);
    const row = [base, base * s, base * s * s, y];
    for (let i = 0; i < 3; i++) for (let j = 0; j < 4; j++) m[i]![j]! += row[i]! * row[j]!;
  }
  for (let i = 0; i < 3; i++) {
    const pivot = m[i]![i]!;
    for (let k = 0; k < 3; k++) {
      if (k === i) continue;
      const factor = m[k]![i]! / pivot;
      for (let j = i; j < 4; j++) m[k]![j]! -= factor * m[i]![j]!;
    }
  }
  return [m[0]![3]! / m[0]![0]!, m[1]![3]! / m[1]![1]!, m[2]![3]! / m[2]![2]!];
}

/** The height of a line through points ordered by x. */
export function heightAt(line: Points, x: number): number {
  const i = Math.min(line.length - 2, Math.max(0, line.findIndex((p) => p.x > x) - 1));
  const from = line[i]!;
  const to = line[i + 1]!;
  const part = to.x === from.x ? 0 : Math.min(1, Math.max(0, (x - from.x) / (to.x - from.x)));
  return from.y + part * (to.y - from.y);
}

function pixel(rgb: Uint8Array, x: number, y: number): number[] {
  const column = Math.min(SIDE - 1, Math.max(0, Math.round(x - 0.5)));
  const row = Math.min(SIDE - 1.001, Math.max(0, y - 0.5));
  const part = row - Math.floor(row);
  const at = 3 * (Math.floor(row) * SIDE + column);
  return [0, 1, 2].map((c) => (1 - part) * rgb[at + c]! + part * rgb[at + 3 * SIDE + c]!);
}

function meanColour(colours: readonly number[][]): number[] {
  return [0, 1, 2].map((c) => colours.reduce((sum, colour) => sum + colour[c]!, 0) / colours.length);
}
