import type { Cut } from './hair-styles.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { Random } from './random.js';
import { depth, paints } from './strands.js';
import { curve, type Definitions, ellipse, fill, type Point, stroke } from './svg.js';

/** A bun: strands wound around a middle. */
export function wound(
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

/** Curly hair: many soft overlapping tufts. The back half is drawn darker and larger. */
export function tufts(
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
