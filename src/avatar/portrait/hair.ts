import { css, mix, shift } from './colour.js';
import { outline } from './face.js';
import { cut } from './hair-styles.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { Random } from './random.js';
import { drawLock, paints, place, sheen, tint } from './strands.js';
import { curve, type Definitions, ellipse, fill, stroke } from './svg.js';
import { tufts, wound } from './tufts.js';

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

/** Hair over the head, with single hairs and a band of light. */
export function hairFront(person: Person, head: Head, defs: Definitions): string {
  const style = cut(person);
  const random = new Random(7);
  const p = paints(person.hair.colour);
  const onto = curve(head.all(outline(person), 0), true);
  let out = '';
  for (const over of [false, true]) {
    const locks = style.locks.filter((lock) => (lock.over ?? false) === over);
    for (const lock of locks)
      out += style.stubble
        ? tint(person, head, defs, lock)
        : drawLock(person, head, defs, lock, random, onto);
    if (!style.stubble) out += sheen(person, head, defs, locks);
  }
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
