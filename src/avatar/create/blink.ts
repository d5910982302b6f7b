/**
 * Shuts the eyes of a photo: the skin below the brow is drawn down over the eye, as a lid is, and what is between the lids stays
 * where it is until it is covered.
 */
import type { Point, Points } from '../../face/index.js';
import { type Columns, copyColumns, fade, type Rgb, sampleColumn } from './columns.js';

/** Where the lids meet, of the way from the upper one to the lower one. */
const MEET = 0.82;
/** The lids' edges are taken so far outside of the eye, in parts of its width: no white of it goes along. */
const RIM = { upper: 0.035, lower: 0.07 };
/** The corners likewise, to both sides. */
const CORNER = 0.06;
/** The shade of the lashes: how dark, and how high in parts of the eye's width. */
const LASHES = { depth: 0.35, height: 0.035 };
/** Skin that moves, below and at most above the eye, in parts of its width. */
const REACH = { above: 0.8, below: 0.45 };
/** An eye of fewer pixels has no lids to be seen. */
const SMALLEST = 9;
/** Open eyes by the points: lids' distance in parts of the width. What is less is shut, what is more is no eye. */
const OPEN = [0.13, 0.75] as const;
/** Columns are taken for lids' ways up to this slope of the line through the corners. */
const STEEPEST = 0.36;
/** Of a face that turns aside one eye is this much narrower than the other. */
const ASIDE = 0.55;

/** An eye, from its left corner to its right one. */
export interface Eye {
  readonly left: Point;
  readonly right: Point;
  readonly upper: readonly [Point, Point];
  readonly lower: readonly [Point, Point];
  /** Lower edge of the brow, its height at the same places. */
  readonly brow: number;
}

/** The eyes of a face if both can be shut; none of one that looks aside, whose eyes are shut or too small. */
export function eyesOf(points: Points): readonly Eye[] {
  const eye = (corner: number, brows: readonly number[]): Eye => {
    const [left, a, b, right, c, d] = Array.from({ length: 6 }, (_, i) => points[corner + i]!);
    const brow = Math.max(...brows.map((n) => points[n]!.y));
    const [x, y] = [CORNER * (right!.x - left!.x), CORNER * (right!.y - left!.y)];
    return {
      left: { x: left!.x - x, y: left!.y - y },
      right: { x: right!.x + x, y: right!.y + y },
      upper: [a!, b!],
      lower: [d!, c!],
      brow,
    };
  };
  const eyes = [eye(36, [18, 19, 20]), eye(42, [23, 24, 25])];
  const widths = eyes.map(widthOf);
  const fine =
    Math.min(...widths) >= SMALLEST &&
    Math.min(...widths) > ASIDE * Math.max(...widths) &&
    eyes.every((one) => {
      const open = (gap(one, 0) + gap(one, 1)) / 2 / widthOf(one);
      const slope = Math.abs(one.right.y - one.left.y) / (one.right.x - one.left.x);
      return open > OPEN[0] && open < OPEN[1] && slope < STEEPEST;
    });
  return fine ? eyes : [];
}

const widthOf = ({ left, right }: Eye) => right.x - left.x;
const gap = ({ upper, lower }: Eye, n: 0 | 1) => lower[n].y - upper[n].y;

/** Shuts an eye of a picture, in place: 1 is shut, 0 leaves it. */
export function shutEye(rgb: Rgb, eye: Eye, amount: number): void {
  if (amount <= 0) return;
  const width = widthOf(eye);
  const [from, to] = [Math.max(0, Math.ceil(eye.left.x)), Math.min(rgb.width - 1, Math.floor(eye.right.x))];
  const highest = Math.min(eye.upper[0].y, eye.upper[1].y);
  const lowest = Math.max(eye.lower[0].y, eye.lower[1].y);
  const top = Math.max(0, Math.floor(highest - REACH.above * width));
  const bottom = Math.min(rgb.height - 1, Math.ceil(lowest + REACH.below * width));
  if (from > to || top >= bottom) return;
  const source = copyColumns(rgb, { from, to, first: top, last: bottom });
  const upper = edgeOf(eye, eye.upper);
  const lower = edgeOf(eye, eye.lower);
  for (let x = from; x <= to; x++) {
    const s = (x + 0.5 - eye.left.x) / width;
    if (s <= 0 || s >= 1) continue;
    // At the corners the lids are together, and so is the rim.
    const bow = Math.min(1, 6 * s * (1 - s));
    const u = upper(s) - RIM.upper * bow * width;
    const l = lower(s) + RIM.lower * bow * width;
    if (l <= u + 0.5) continue;
    const meet = u + MEET * (l - u);
    const lid: Lid = {
      x,
      upper: u + amount * (meet - u),
      lower: l + amount * (meet - l),
      up: amount * (meet - u),
      down: amount * (meet - l),
      top: Math.max(top, Math.min(u - 0.25 * width, Math.max(u - REACH.above * width, eye.brow))),
      bottom: Math.min(bottom, l + REACH.below * width),
    };
    const shade = { depth: LASHES.depth * amount * bow, height: LASHES.height * width + 0.4 };
    drawColumn(rgb, source, lid, shade);
  }
}

/** A lid's edge over the eye: 0 to 1 between the corners, through two points. */
function edgeOf({ left, right }: Eye, [a, b]: readonly [Point, Point]): (s: number) => number {
  const width = right.x - left.x;
  const base = (s: number) => left.y + s * (right.y - left.y);
  const at = ({ x, y }: Point) => {
    const s = Math.min(0.85, Math.max(0.15, (x - left.x) / width));
    return { s, bow: (y - base(s)) / (s * (1 - s)) };
  };
  const [one, two] = [at(a), at(b)];
  const slope = two.s - one.s < 0.05 ? 0 : (two.bow - one.bow) / (two.s - one.s);
  return (s) => base(s) + s * (1 - s) * (one.bow + slope * (s - one.s));
}

interface Lid {
  readonly x: number;
  /** Where its edges are now. */
  readonly upper: number;
  readonly lower: number;
  /** How far they came. */
  readonly up: number;
  readonly down: number;
  /** From where on the skin moves, and down to where. */
  readonly top: number;
  readonly bottom: number;
}

function drawColumn(
  { data, width }: Rgb,
  source: Columns,
  { x, upper, lower, up, down, top, bottom }: Lid,
  shade: { readonly depth: number; readonly height: number },
): void {
  for (let row = Math.floor(top); row <= bottom; row++) {
    const y = row + 0.5;
    const above = y - up * fade((upper - y) / (upper - top));
    const below = y - down * fade((y - lower) / (bottom - lower));
    // A pixel in which an edge lies is of both.
    const lid = Math.min(1, Math.max(0, upper - row));
    const skin = Math.min(1 - lid, Math.min(1, Math.max(0, row + 1 - lower)));
    const off = (y - upper) / shade.height;
    const dark = 1 - shade.depth * Math.exp(-off * off);
    const at = 3 * (row * width + x);
    for (let c = 0; c < 3; c++) {
      let level = 0;
      if (lid > 0) level += lid * sampleColumn(source, x, above, c);
      if (skin > 0) level += skin * sampleColumn(source, x, below, c);
      if (lid + skin < 1) level += (1 - lid - skin) * sampleColumn(source, x, y, c);
      data[at + c] = Math.min(255, Math.max(0, Math.round(dark * level)));
    }
  }
}
