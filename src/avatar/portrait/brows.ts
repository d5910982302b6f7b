import { css } from './colour.js';
import type { Look } from './eyes.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { between, curve, type Definitions, fill, type Point, sample, stroke, towards } from './svg.js';

/** Both brows: a soft body and single hairs. */
export function brows(person: Person, head: Head, defs: Definitions, look: Look): string {
  const { y, thick, arch, colour } = person.brows;
  const { apart } = person.eyes;
  const lift = look.brow * 3;
  const paint = css(colour);
  let out = '';
  for (const s of [-1, 1]) {
    const top: Point[] = [
      [apart - 23, y - thick * 0.35],
      [apart - 8, y - arch * 0.5 - thick * 0.62],
      [apart + 9, y - arch - thick * 0.5],
      [apart + 29, y + 2.6],
    ];
    const bottom: Point[] = [
      [apart - 22, y + thick * 0.6],
      [apart - 7, y - arch * 0.35 + thick * 0.42],
      [apart + 10, y - arch * 0.9 + thick * 0.22],
      [apart + 29.5, y + 3.6],
    ];
    const put = (points: Point[]) => points.map(([x, py]) => head.at(s * x, py - lift));
    const shape = between(put(top), put(bottom));
    const body = defs.linear(head.at(s * (apart - 25), y), head.at(s * (apart + 30), y), [
      [0, paint, 0.12],
      [0.32, paint, 0.74],
      [0.7, paint, 0.85],
      [1, paint, 0.5],
    ]);
    const [ts, bs] = [sample(top, 24), sample(bottom, 24)];
    let hairs = '';
    for (let i = 0; i < 46; i++) {
      // hairs lean outwards, the more so the further out they grow
      const k = Math.min(23, Math.round(i / 2));
      const [b, t] = [bs[k]!, ts[Math.min(23, k + 3)]!];
      const rise = 0.35 + 0.6 * ((i * 0.618) % 1);
      const from = towards(b, t, ((i * 0.382) % 1) * 0.35);
      const to: Point = [from[0] + 4.5 + k * 0.12, from[1] + (t[1] - b[1]) * rise * (1 - k / 40)];
      hairs += stroke(
        curve(put([from, [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2 - 0.5], to])),
        paint,
        0.8,
        0.4,
      );
    }
    out += defs.soft(1.5, fill(shape, body)) + defs.clipped(shape, defs.soft(0.4, hairs));
  }
  return out;
}
