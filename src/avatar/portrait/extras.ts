import { css, hex, mix, shift } from './colour.js';
import { outline, type Skin } from './face.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { curve, type Definitions, ellipse, fill, type Point, stroke } from './svg.js';

/** Beard shadow or beard, drawn before the lips. */
export function beard(person: Person, head: Head, defs: Definitions, skin: Skin): string {
  if (person.beard === 'none') return '';
  const { cheek: w, chin, jaw } = person.face;
  const { y, width, upper } = person.lips;
  const face = curve(head.all(outline(person), 0), true);
  const full = person.beard === 'full';
  const half: Point[] = [
    [w + 4, 10],
    [w - 9, 38],
    [jaw * 0.78, y - 22],
    [width + 9, y - upper - 10],
    [width * 0.45, y - upper - 11],
  ];
  const shape = curve(
    head.all([
      ...half.map(([x, py]): Point => [-x, py]),
      [0, y - upper - 8],
      ...[...half].reverse(),
      [w + 14, chin * 0.6],
      [jaw * 0.8, chin + 6],
      [0, chin + 14],
      [-jaw * 0.8, chin + 6],
      [-w - 14, chin * 0.6],
    ]),
    true,
  );
  const hair = css(shift(person.hair.colour, -0.02));
  const tint = full ? hair : css(mix(person.skin.base, person.hair.colour, 0.6));
  const body = defs.soft(full ? 3.4 : 6, fill(shape, tint, full ? 0.88 : 0.42));
  let hairs = '';
  if (full)
    for (let i = 0; i < 220; i++) {
      const a = i * 2.39996;
      const r = Math.sqrt(i / 220);
      const [x, py] = [Math.cos(a) * r * (w - 4), y + 14 + Math.sin(a) * r * 52];
      if (py < y - 8 && Math.abs(x) < width + 14) continue;
      if (Math.abs(x) < w * 0.75 && py < y - 14) continue;
      hairs += stroke(
        curve([head.at(x, py), head.at(x * 0.985, py + 7)]),
        i % 2 ? css(shift(person.hair.colour, 0.07)) : css(shift(person.hair.colour, -0.08)),
        1,
        0.4,
      );
    }
  const bare = defs.soft(
    2.4,
    ellipse(
      head.at(0, y + 2),
      (width - 2) * person.head,
      (person.lips.lower + 1) * person.head,
      skin.base,
      full ? 0.5 : 0.3,
    ),
  );
  return defs.clipped(face, body + defs.soft(0.6, hairs) + bare);
}

/** Thin-rimmed glasses. */
export function glasses(person: Person, head: Head, defs: Definitions): string {
  if (!person.glasses) return '';
  const { apart, width } = person.eyes;
  const rim = css(mix(hex('#2a2522'), person.hair.colour, 0.3));
  const z = 100;
  const lens = (s: number) =>
    curve(
      [
        [-width - 9, -8],
        [-width + 2, -18],
        [width, -18],
        [width + 10, -9],
        [width + 7, 12],
        [0, 20],
        [-width - 4, 12],
      ].map(([x, y]) => head.at(s * (apart + x!), y!, z - Math.abs(x!) * 0.2)),
      true,
    );
  let out = '';
  for (const s of [-1, 1]) {
    const d = lens(s);
    out += defs.soft(3, `<g transform="translate(0 4)">${stroke(d, '#000000', 3, 0.22)}</g>`);
    out += defs.clipped(
      d,
      defs.soft(
        2,
        stroke(curve([head.at(s * apart - 20, 14, z), head.at(s * apart + 6, -22, z)]), '#ffffff', 10, 0.14),
      ),
    );
    out += stroke(d, rim, 2.6);
    out += stroke(
      curve([head.at(s * (apart + width + 9), -8, z - 12), head.at(s * (person.face.cheek + 3), -10, -10)]),
      rim,
      2.6,
    );
  }
  return (
    out +
    stroke(
      curve([
        head.at(-(apart - width - 8), -6, z),
        head.at(0, -10, z + 6),
        head.at(apart - width - 8, -6, z),
      ]),
      rim,
      2.6,
    )
  );
}
