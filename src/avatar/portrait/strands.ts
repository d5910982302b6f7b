import { type Colour, css, hex, mix, shift } from './colour.js';
import type { Lock } from './hair-styles.js';
import { dome, type Head } from './head.js';
import type { Person } from './person.js';
import { Random } from './random.js';
import { curve, type Definitions, ellipse, fill, num, type Point, sample, stroke, towards } from './svg.js';

/** Tones of one hair colour, from the gaps between strands to the light on them. */
export const paints = (colour: Colour) => ({
  deep: css(shift(colour, -0.1, -0.005)),
  low: css(shift(colour, -0.05)),
  base: css(colour),
  mid: css(shift(colour, 0.06, 0.012, 2)),
  high: css(
    mix(
      shift(colour, 0.08 + 0.26 * Math.min(0.5, colour.l), 0.03 * (0.8 - colour.l), 5),
      hex('#fff2dd'),
      0.1,
    ),
  ),
});

/** Hair lies on a rounder shape than the face. */
export const depth = (x: number, y: number) => dome(84, (x / 122) ** 2 + ((y + 20) / 170) ** 2);
/** Points on the hair's surface, on the canvas. */
export const place = (head: Head, points: readonly Point[]) =>
  points.map(([x, y]) => head.at(x, y, depth(x, y)));

const LENGTH = 22;

/** The guide hairs sampled finely along and across: rows run from root to tip. */
function rows(lock: Lock, across: number): Point[][] {
  const along = lock.guides.map((g) => sample(g, LENGTH));
  const columns = along[0]!.map((_, i) =>
    sample(
      along.map((g) => g[i]!),
      across,
    ),
  );
  return Array.from({ length: across }, (_, k) => columns.map((c) => c[k]!));
}

/** The outline of a sampled patch: smooth along its first and last hair, point to point along tips and roots. */
function edge(grid: readonly Point[][]): string {
  const inner = grid.slice(1, -1);
  const tips = inner.map((r) => r[r.length - 1]!);
  const roots = inner.map((r) => r[0]!).reverse();
  const line = (points: readonly Point[]) => points.map(([x, y]) => `L${num(x)} ${num(y)}`).join('');
  const back = curve([...grid[grid.length - 1]!].reverse()).slice(1);
  return `${curve(grid[0]!)}${line(tips)}L${back}${line(roots)}Z`;
}

/** Light that lies like a ring around the upper head, whatever way the hair falls. */
function ring(person: Person, head: Head, defs: Definitions, paint: string): string {
  const { side } = person.light;
  return defs.radial(head.at(-side * 14, 96, 0), 252 * person.head, [
    [0.46, paint, 0],
    [0.62, paint, 0.18],
    [0.77, paint, 0.72],
    [0.82, paint, 0.8],
    [0.97, paint, 0],
  ]);
}

/** One patch: a shadow on the face, the mass, single hairs. `onto` is the face's outline. */
export function drawLock(
  person: Person,
  head: Head,
  defs: Definitions,
  lock: Lock,
  random: Random,
  onto: string,
): string {
  const p = paints(person.hair.colour);
  const count = lock.hairs ?? 60;
  const tips = Array.from({ length: 12 }, () => random.next());
  const grid = rows(lock, Math.max(count, 24)).map((r, i, all) => {
    // strands end in uneven tufts, not along a ruled hem
    const u = (i / (all.length - 1)) * 10;
    const ragged = 0.35 * (tips[Math.floor(u)]! * (1 - (u % 1)) + tips[Math.floor(u) + 1]! * (u % 1));
    const last = towards(r[LENGTH - 1]!, r[LENGTH - 2]!, ragged);
    return place(head, [...r.slice(0, LENGTH - 1), last]);
  });
  const shape = edge(grid);
  const { side } = person.light;
  const base = defs.linear(head.at(side * 110, -120, 0), head.at(-side * 110, 80, 0), [
    [0, p.mid],
    [0.4, p.base],
    [1, p.low],
  ]);
  let hairs = '';
  for (let i = 0; i < count; i++) {
    const r = grid[Math.round((i / (count - 1)) * (grid.length - 1))]!;
    const from = Math.floor(random.next() * 1.6);
    const to = LENGTH - Math.floor(random.next() * 4);
    const tone = random.next();
    const paint = tone < 0.5 ? p.deep : tone < 0.82 ? p.mid : p.high;
    hairs += stroke(curve(r.slice(from, to)), paint, random.between(0.7, 2), tone < 0.5 ? 0.3 : 0.2);
  }
  const [inner, outer] = [curve(grid[0]!), curve(grid[grid.length - 1]!)];
  const middle = curve(grid[Math.floor(grid.length * 0.5)]!);
  if (lock.clump) {
    const fade = (paint: string, opacity: number) =>
      defs.linear(head.at(0, -40, 0), head.at(0, 60, 0), [
        [0, paint, 0],
        [1, paint, opacity],
      ]);
    const dark = fade(p.deep, 0.85);
    return defs.clipped(
      shape,
      fill(shape, fade(p.base, 1)) +
        defs.soft(3, stroke(inner, dark, 5) + stroke(outer, dark, 6)) +
        defs.soft(3.5, stroke(middle, fade(p.high, 0.4), 7)) +
        hairs,
    );
  }
  const shadow = css(shift(person.skin.base, -0.3, 0.02, -20));
  return (
    defs.clipped(onto, defs.soft(6, fill(shape, shadow, 0.5))) +
    fill(shape, base) +
    defs.clipped(
      shape,
      defs.soft(9, stroke(middle, p.high, 22, 0.16)) +
        defs.soft(6, stroke(inner, p.deep, 10, 0.55) + stroke(outer, p.deep, 9, 0.5)) +
        hairs,
    )
  );
}

/** The ring of light over the patches, drawn last, hair by hair. */
export function sheen(person: Person, head: Head, defs: Definitions, locks: readonly Lock[]): string {
  const paint = ring(person, head, defs, paints(person.hair.colour).high);
  const random = new Random(19);
  let out = '';
  for (const lock of locks) {
    if (lock.clump) continue;
    const count = lock.hairs ?? 60;
    for (const r of rows(lock, count)) {
      const upper = place(head, r.slice(0, Math.round(LENGTH * 0.74)));
      out += stroke(curve(upper), paint, random.between(0.8, 2.8), random.between(0.2, 0.7));
    }
  }
  return defs.soft(0.9, out);
}

/** Very short hair: a tint with a soft edge. */
export function tint(person: Person, head: Head, defs: Definitions, lock: Lock): string {
  const p = paints(person.hair.colour);
  const grid = rows(lock, 40).map((r) => place(head, r));
  return (
    defs.soft(1.6, fill(edge(grid), p.base, 0.78)) +
    defs.soft(9, ellipse(head.at(person.light.side * 26, -122, 40), 40, 16, p.high, 0.35))
  );
}
