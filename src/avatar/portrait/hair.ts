import { type Colour, css, hex, mix, shift } from './colour.js';
import { outline } from './face.js';
import { type Cut, cut, type Lock } from './hair-styles.js';
import { dome, type Head } from './head.js';
import type { Person } from './person.js';
import { Random } from './random.js';
import { curve, type Definitions, ellipse, fill, num, type Point, sample, stroke, towards } from './svg.js';

const paints = (colour: Colour) => ({
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
const depth = (x: number, y: number) => dome(84, (x / 122) ** 2 + ((y + 20) / 170) ** 2);
const place = (head: Head, points: readonly Point[]) => points.map(([x, y]) => head.at(x, y, depth(x, y)));

/** What lies behind head and neck. */
export function hairBack(person: Person, head: Head, defs: Definitions): string {
  const { back, curls, knot } = cut(person);
  const p = paints(person.hair.colour);
  if (curls) return tufts(person, head, defs, curls, true);
  if (knot) return wound(person, head, defs, knot);
  if (!back) return '';
  const d = curve(head.all(back, -30), true);
  const random = new Random(5);
  const [lowest, widest] = [Math.max(...back.map(([, y]) => y)), Math.max(...back.map(([x]) => x))];
  let hairs = '';
  for (let i = 0; i < 60; i++) {
    const x = (((i + 0.5) / 60) * 2 - 1) * widest;
    const drift = random.between(-5, 5);
    hairs += stroke(
      curve(
        head.all(
          [
            [x * 0.82, -10],
            [x * 0.98, lowest * 0.5],
            [x * 0.92 + drift, lowest + 6],
          ],
          -30,
        ),
      ),
      i % 3 ? p.base : p.deep,
      random.between(1, 3),
      0.35,
    );
  }
  return (
    fill(
      d,
      defs.linear(head.at(0, 10, -30), head.at(0, lowest, -30), [
        [0, p.deep],
        [1, p.low],
      ]),
    ) +
    defs.clipped(
      d,
      defs.soft(0.8, hairs) + defs.soft(14, ellipse(head.at(0, 110, -30), 62, 70, p.deep, 0.75)),
    )
  );
}

/** A bun: strands wound around a middle. */
function wound(
  person: Person,
  head: Head,
  defs: Definitions,
  { centre, rx, ry }: NonNullable<Cut['knot']>,
): string {
  const p = paints(person.hair.colour);
  const turn = (r: number, from: number, to: number): Point[] =>
    Array.from({ length: 14 }, (_, i): Point => {
      const a = from + ((to - from) * i) / 13;
      return head.at(centre[0] + Math.cos(a) * rx * r, centre[1] + Math.sin(a) * ry * r, -24);
    });
  const shape = curve(turn(1, 0, (2 * Math.PI * 13) / 14), true);
  const random = new Random(3);
  let hairs = '';
  for (let i = 0; i < 34; i++) {
    const from = random.between(0, 6);
    hairs += stroke(
      curve(turn(random.between(0.15, 1), from, from + random.between(1.2, 3))),
      i % 2 ? p.low : i % 3 ? p.mid : p.high,
      random.between(1, 2.4),
      0.5,
    );
  }
  const at = head.at(centre[0] + person.light.side * rx * 0.35, centre[1] - ry * 0.4, -24);
  return (
    fill(shape, p.base) +
    defs.clipped(
      shape,
      defs.soft(7, ellipse(at, rx * 0.6, ry * 0.5, p.mid, 0.8)) +
        hairs +
        defs.soft(6, stroke(shape, p.deep, 12, 0.6)),
    )
  );
}

/** Hair over the head, with single hairs and a band of light. */
export function hairFront(person: Person, head: Head, defs: Definitions): string {
  const style = cut(person);
  const random = new Random(7);
  const p = paints(person.hair.colour);
  const onto = curve(head.all(outline(person), 0), true);
  let out = '';
  for (const lock of style.locks)
    out += style.stubble ? tint(person, head, defs, lock) : drawLock(person, head, defs, lock, random, onto);
  if (style.part) {
    const line = place(head, style.part);
    const scalp = css(shift(mix(person.skin.base, person.hair.colour, 0.45), -0.02));
    out +=
      defs.soft(1.6, stroke(curve(line), p.deep, 5, 0.4)) +
      defs.soft(0.7, stroke(curve(line), scalp, 1.3, 0.7));
  }
  if (style.curls) out += tufts(person, head, defs, style.curls, false);
  return out;
}

const LENGTH = 30;

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
    [0.66, paint, 0],
    [0.77, paint, 0.8],
    [0.82, paint, 0.9],
    [0.94, paint, 0],
  ]);
}

function drawLock(
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
    const ragged = 0.5 * (tips[Math.floor(u)]! * (1 - (u % 1)) + tips[Math.floor(u) + 1]! * (u % 1));
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
  const shine = ring(person, head, defs, p.high);
  let hairs = '';
  let sheen = '';
  for (let i = 0; i < count; i++) {
    const r = grid[Math.round((i / (count - 1)) * (grid.length - 1))]!;
    const from = Math.floor(random.next() * 1.6);
    const to = LENGTH - Math.floor(random.next() * 4);
    const tone = random.next();
    const paint = tone < 0.5 ? p.deep : tone < 0.82 ? p.mid : p.high;
    hairs += stroke(curve(r.slice(from, to)), paint, random.between(0.7, 2), tone < 0.5 ? 0.3 : 0.2);
    sheen += stroke(
      curve(r.slice(0, LENGTH - 2)),
      shine,
      random.between(0.8, 2.8),
      random.between(0.25, 0.75),
    );
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
        hairs +
        defs.soft(1, sheen),
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
        hairs +
        defs.soft(1, sheen),
    )
  );
}

function tint(person: Person, head: Head, defs: Definitions, lock: Lock): string {
  const p = paints(person.hair.colour);
  const grid = rows(lock, 40).map((r) => place(head, r));
  return (
    defs.soft(1.6, fill(edge(grid), p.base, 0.78)) +
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
