/**
 * Closes a mouth that is a little open: brings the lips together by moving the picture's own pixels, and lays the shade
 * there that lies between closed lips. A lip-sync model opens a mouth; it cannot close one.
 */
import { edgeAt, heightAt, type Points } from '../../face/index.js';
import { type Columns, copyColumns, fade, type Rgb, sampleColumn } from './columns.js';
import type { Mouth } from './track.js';

/** Of the gap, what the upper lip comes down; the lower one does the rest. */
const UPPER = 0.4;
/** Teeth shine a little over the lips' edges: so much more is hidden on each side, in parts of the mouth's width. */
const RIM = 0.02;
/** The line between closed lips: how dark, and how high in parts of the mouth's width. */
const SHADE = { depth: 0.4, height: 0.02 };
/** By the points' own opening, which tells closed lips (.04 to .07) better than the soft shade between them: from the first on something is done, from the second on all. */
const OPENING = [0.08, 0.12] as const;

/** How far a mouth is closed, 0..1: those that are closed are left alone. */
export function closing({ opening }: Pick<Mouth, 'opening'>): number {
  return Math.min(1, Math.max(0, (opening - OPENING[0]) / (OPENING[1] - OPENING[0])));
}

/** Closes the mouth of a picture, in place. */
export function closeMouth(rgb: Rgb, { parting, points, opening }: Mouth): void {
  const amount = closing({ opening });
  if (amount === 0) return;
  const { left, right } = parting;
  const width = Math.hypot(right.x - left.x, right.y - left.y);
  const top = line(points, [48, 49, 50, 51, 52, 53, 54]);
  const bottom = line(points, [48, 59, 58, 57, 56, 55, 54]);
  const nose = points[33]!.y;
  const chin = line(points, [5, 6, 7, 8, 9, 10, 11]);
  const [from, to] = [Math.ceil(left.x), Math.floor(right.x)];
  const [first, last] = [
    Math.max(0, Math.floor(nose)),
    Math.min(rgb.height - 1, Math.ceil(points[8]!.y + 1)),
  ];
  const source = copyColumns(rgb, { from, to, first, last });
  for (let x = from; x <= to; x++) {
    const s = (x + 0.5 - left.x) / (right.x - left.x);
    if (s <= 0 || s >= 1) continue;
    const base = left.y + s * (right.y - left.y);
    // At the corners the lips are together, and so is the rim.
    const rim = RIM * Math.min(1, 6 * s * (1 - s)) * width;
    const u = base + edgeAt(parting.upper, s) * width - rim;
    const l = base + edgeAt(parting.lower, s) * width + rim;
    if (l <= u) continue;
    const meet = u + UPPER * (l - u);
    const column: Column = {
      x,
      meet,
      up: amount * (u - meet),
      down: amount * (l - meet),
      lipTop: Math.min(heightAt(top, x + 0.5), u - 1),
      lipBottom: Math.max(heightAt(bottom, x + 0.5), l + 1),
      nose,
      chin: heightAt(chin, x + 0.5),
    };
    const taper = Math.min(1, 5 * s * (1 - s));
    draw(rgb, source, column, { first, last, amount: amount * taper, height: SHADE.height * width + 0.4 });
  }
}

interface Column {
  readonly x: number;
  /** Where the lips meet. */
  readonly meet: number;
  /** From there to the upper lip's edge, negative, and to the lower one's. */
  readonly up: number;
  readonly down: number;
  readonly lipTop: number;
  readonly lipBottom: number;
  readonly nose: number;
  readonly chin: number;
}

/** Where what is shown at `y` comes from: the lips as they are, the skin beyond them stretched. */
function fromWhere({ meet, up, down, lipTop, lipBottom, nose, chin }: Column, y: number): [number, number] {
  const above = (at: number) => at + up * fade((lipTop - up - at) / Math.max(1, lipTop - up - nose));
  const below = (at: number) =>
    at + down * fade((at - (lipBottom - down)) / Math.max(1, chin - (lipBottom - down)));
  return [above(Math.min(y, meet)), below(Math.max(y, meet))];
}

function draw(
  { data, width }: Rgb,
  source: Columns,
  column: Column,
  { first, last, amount, height }: { first: number; last: number; amount: number; height: number },
): void {
  const { x, meet } = column;
  for (let row = first; row <= last; row++) {
    const y = row + 0.5;
    const [above, below] = fromWhere(column, y);
    if (above === y && below === y) continue;
    // The pixel in which the lips meet is of both.
    const part = Math.min(1, Math.max(0, meet - row));
    const off = (y - meet) / height;
    const shade = 1 - amount * SHADE.depth * Math.exp(-off * off);
    const at = 3 * (row * width + x);
    for (let c = 0; c < 3; c++) {
      const level = part * sampleColumn(source, x, above, c) + (1 - part) * sampleColumn(source, x, below, c);
      data[at + c] = Math.min(255, Math.max(0, Math.round(shade * level)));
    }
  }
}

function line(points: Points, names: readonly number[]): Points {
  return names.map((n) => points[n]!);
}
