import { type Colour, css, hex, mix, shift } from './colour.js';
import { type Cut, cut, type Lock } from './hair-styles.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { Random } from './random.js';
import { curve, type Definitions, ellipse, fill, type Point, sample, stroke } from './svg.js';

const paints = (colour: Colour) => ({
  deep: css(shift(colour, -0.1, -0.005)),
  low: css(shift(colour, -0.05)),
  base: css(colour),
  mid: css(shift(colour, 0.06, 0.012, 2)),
  high: css(mix(shift(colour, 0.15, 0.02, 4), hex('#fff2dd'), 0.1)),
});

/** Hair lies on a rounder shape than the face. */
const depth = (x: number, y: number) => Math.max(-36, 84 * (1 - (x / 122) ** 2 - ((y + 20) / 170) ** 2));
const place = (head: Head, points: readonly Point[]) => points.map(([x, y]) => head.at(x, y, depth(x, y)));

/** What lies behind head and neck. */
export function hairBack(person: Person, head: Head, defs: Definitions): string {
  const { back, curls } = cut(person);
  const p = paints(person.hair.colour);
  if (curls) return tufts(person, head, defs, curls, true);
  if (!back) return '';
  const d = curve(head.all(back, -30), true);
  return (
    fill(d, p.deep) +
    defs.clipped(d, defs.soft(12, ellipse(head.at(-person.light.side * -70, 60, -30), 46, 130, p.base, 0.55)))
  );
}

/** Hair over the head, with single hairs and a band of light. */
export function hairFront(person: Person, head: Head, defs: Definitions): string {
  const style = cut(person);
  const random = new Random(7);
  let out = '';
  for (const lock of style.locks)
    out += style.stubble ? tint(person, head, defs, lock) : drawLock(person, head, defs, lock, random);
  if (style.curls) out += tufts(person, head, defs, style.curls, false);
  return out;
}

/** The guide hairs sampled finely along and across: rows run from root to tip. */
function rows(lock: Lock, across: number): Point[][] {
  const along = lock.guides.map((g) => sample(g, 22));
  const columns = along[0]!.map((_, i) =>
    sample(
      along.map((g) => g[i]!),
      across,
    ),
  );
  return Array.from({ length: across }, (_, k) => columns.map((c) => c[k]!));
}

function edge(grid: readonly Point[][]): Point[] {
  const last = grid[grid.length - 1]!;
  return [
    ...grid[0]!,
    ...grid.slice(1, -1).map((r) => r[r.length - 1]!),
    ...[...last].reverse(),
    ...grid
      .slice(1, -1)
      .map((r) => r[0]!)
      .reverse(),
  ];
}

const polygon = (points: readonly Point[]): string =>
  `M${points.map(([x, y]) => `${x.toFixed(3)} ${y.toFixed(3)}`).join('L')}Z`;

function drawLock(person: Person, head: Head, defs: Definitions, lock: Lock, random: Random): string {
  const p = paints(person.hair.colour);
  const count = lock.hairs ?? 60;
  const grid = rows(lock, Math.max(count, 24)).map((r) => place(head, r));
  const shape = polygon(edge(grid));
  const { side } = person.light;
  const base = defs.linear(head.at(side * 110, -120, 0), head.at(-side * 110, 80, 0), [
    [0, p.mid],
    [0.4, p.base],
    [1, p.low],
  ]);
  let hairs = '';
  let sheen = '';
  for (let i = 0; i < count; i++) {
    const r = grid[Math.round((i / (count - 1)) * (grid.length - 1))]!;
    const from = Math.floor(random.next() * 3);
    const to = 22 - Math.floor(random.next() * 4);
    const tone = random.next();
    hairs += stroke(
      curve(r.slice(from, to)),
      tone < 0.5 ? p.deep : tone < 0.8 ? p.mid : p.high,
      random.between(0.7, 1.9),
      tone < 0.5 ? 0.34 : 0.26,
    );
    if (lock.sheen) {
      const jitter = random.between(-0.05, 0.05);
      const a = Math.max(0, Math.round((lock.sheen[0] + jitter) * 21));
      const b = Math.min(21, Math.round((lock.sheen[1] + jitter) * 21));
      sheen += stroke(
        curve(r.slice(a, b + 1)),
        p.high,
        random.between(1, 2.6),
        0.3 * (0.4 + 0.6 * Math.sin(Math.PI * (i / (count - 1)))),
      );
    }
  }
  const inner = curve(grid[0]!);
  const outer = curve(grid[grid.length - 1]!);
  return (
    defs.soft(3, fill(shape, p.deep, 0.35)) + // a thin shadow on what lies below
    fill(shape, base) +
    defs.clipped(
      shape,
      defs.soft(6, stroke(inner, p.deep, 12, 0.6) + stroke(outer, p.deep, 9, 0.5)) +
        hairs +
        defs.soft(1.3, sheen),
    )
  );
}

function tint(person: Person, head: Head, defs: Definitions, lock: Lock): string {
  const p = paints(person.hair.colour);
  const grid = rows(lock, 40).map((r) => place(head, r));
  return (
    defs.soft(3.2, fill(polygon(edge(grid)), p.base, 0.78)) +
    defs.soft(9, ellipse(head.at(person.light.side * 26, -122, 40), 40, 16, p.high, 0.35))
  );
}

/** Curly hair: many soft overlapping tufts. The back half is drawn darker and larger. */
function tufts(
  person: Person,
  head: Head,
  defs: Definitions,
  { centres, size }: NonNullable<Cut['curls']>,
  back: boolean,
): string {
  const p = paints(person.hair.colour);
  const random = new Random(back ? 11 : 23);
  const { side } = person.light;
  let mass = '';
  let curls = '';
  for (const [x, y] of centres) {
    if (back !== y > -30 && back) continue;
    const r = size * random.between(0.85, 1.2) * person.head;
    const c = head.at(x + random.between(-3, 3), y + random.between(-3, 3), depth(x, y) - (back ? 30 : 0));
    mass += ellipse(c, r, r, back ? p.deep : p.base);
    if (back) continue;
    for (let k = 0; k < 5; k++) {
      const a = random.between(0, 6.28);
      const q = r * random.between(0.25, 0.8);
      const o: Point = [c[0] + Math.cos(a) * q * 0.7, c[1] + Math.sin(a) * q * 0.7];
      const arc = Array.from(
        { length: 6 },
        (_, i): Point => [o[0] + Math.cos(a + i * 0.8) * r * 0.34, o[1] + Math.sin(a + i * 0.8) * r * 0.34],
      );
      const lit = (o[0] - c[0]) * side - (o[1] - c[1]) > 0;
      curls += stroke(
        curve(arc),
        k % 2 ? p.deep : lit ? p.high : p.mid,
        random.between(1.4, 2.6),
        k % 2 ? 0.55 : 0.45,
      );
    }
  }
  return defs.soft(0.6, mass) + defs.soft(0.5, curls);
}
