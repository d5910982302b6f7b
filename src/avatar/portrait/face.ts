import { css, hex, mix, shift } from './colour.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { curve, type Definitions, ellipse, fill, type Point, stroke } from './svg.js';

/** The paints of a skin, from deepest shadow to highlight. */
export function skinPaints(person: Person) {
  const { base } = person.skin;
  const dark = 1 - base.l; // deep skin needs smaller steps down and bluer, stronger highlights
  const glow = person.light.warmth * 8;
  return {
    base: css(base),
    shade: css(shift(base, -0.1 + dark * 0.05, 0.022, -9)),
    deep: css(shift(base, -0.22 + dark * 0.16, 0.03, -16)),
    crease: css(shift(base, -0.34 + dark * 0.3, 0.025, -22)),
    light: css(shift(base, 0.06, -0.012, glow)),
    shine: css(mix(shift(base, 0.12, -0.03, glow), hex('#ffffff'), 0.15)),
    blush: css(mix(shift(base, -0.06, 0.06, -28), hex('#e0706a'), 0.25)),
  };
}
/** What `skinPaints` gives. */
export type Skin = ReturnType<typeof skinPaints>;

/** The outline of the face, head-local, clockwise from the crown. */
export function outline(person: Person): Point[] {
  const { cheek: w, jaw, chin, chinWidth } = person.face;
  const right: Point[] = [
    [w * 0.56, -118],
    [w * 0.9, -74],
    [w * 0.985, -30],
    [w, 8],
    [w * 0.965, 44],
    [jaw * 0.98, chin * 0.64],
    [jaw * 0.72, chin * 0.845],
    [chinWidth * 1.12, chin * 0.968],
  ];
  return [[0, -134], ...right, [0, chin], ...right.map(([x, y]): Point => [-x, y]).reverse()];
}

/** Skin, its light and shade, cheeks. Everything is clipped to the outline. */
export function face(person: Person, head: Head, defs: Definitions, skin: Skin): string {
  const shape = curve(head.all(outline(person), 0), true);
  const { cheek: w, chin, jaw } = person.face;
  const { side, contrast } = person.light;
  const lit = side;
  const dim = -side;
  const p = (x: number, y: number, z?: number) => head.at(x, y, z);
  const e = (x: number, y: number, rx: number, ry: number, paint: string, opacity: number, turn = 0) =>
    ellipse(p(x, y), rx * person.head, ry * person.head, paint, opacity, turn);
  const base = defs.linear(p(lit * w, -60), p(dim * w, 70), [
    [0, skin.light],
    [0.45, skin.base],
    [1, skin.shade],
  ]);
  const edge = (s: number, reach: number): string =>
    curve(
      head.all(
        [
          [s * w * 0.7, -110],
          [s * w * 1.15, -60],
          [s * w * 1.2, 40],
          [s * w, chin * 0.9],
          [s * 20, chin * 1.1],
          [s * jaw * 0.62, chin * 0.84],
          [s * (jaw - reach * 0.6), chin * 0.6],
          [s * (w - reach), 20],
          [s * (w - reach * 0.8), -50],
        ],
        0,
      ),
      true,
    );
  const shading =
    defs.soft(13, fill(edge(dim, 20), skin.deep, 0.5 * contrast) + fill(edge(lit, 9), skin.shade, 0.55)) +
    defs.soft(
      11,
      e(0, -104, w, 20, skin.deep, 0.34) + // the hair's shadow on the forehead
        e(lit * 12, -66, 44, 22, skin.shine, 0.5) +
        e(lit * 55, 38, 20, 15, skin.shine, 0.5, -lit * 25) +
        e(dim * 56, 36, 15, 12, skin.light, 0.5) +
        e(-52, 52, 25, 18, skin.blush, 0.62 * person.skin.blush) +
        e(52, 52, 25, 18, skin.blush, 0.62 * person.skin.blush),
    ) +
    defs.soft(
      7,
      e(-person.eyes.apart, -3, 27, 14, skin.deep, 0.26) +
        e(person.eyes.apart, -3, 27, 14, skin.deep, 0.26) +
        e(0, person.lips.y + person.lips.lower + 8, 20, 5.5, skin.deep, 0.36) +
        e(lit * 4, chin - 16, 15, 9, skin.shine, 0.42) +
        e(0, chin + 2, 40, 6, skin.deep, 0.32),
    );
  return (
    fill(shape, base) +
    defs.clipped(shape, shading + freckles(person, head, skin) + age(person, head, defs, skin))
  );
}

function freckles(person: Person, head: Head, skin: Skin): string {
  if (person.skin.freckles === 0) return '';
  let out = '';
  for (let i = 0; i < 46; i++) {
    // golden-angle scatter over nose and cheeks: even, no clumps, no generator needed
    const r = Math.sqrt(i / 46);
    const x = Math.cos(i * 2.39996) * r * 62;
    const y = 40 + Math.sin(i * 2.39996) * r * 22;
    out += ellipse(
      head.at(x, y),
      0.8 + (i % 3) * 0.3,
      0.8 + (i % 2) * 0.3,
      skin.crease,
      0.22 * person.skin.freckles,
    );
  }
  return out;
}

/** Folds that suggest years: beside the mouth, under the eyes, across the forehead. */
function age({ age: years, lips, nose, eyes }: Person, head: Head, defs: Definitions, skin: Skin): string {
  const fold = Math.min(1, Math.max(0.12, (years - 26) / 38));
  let out = '';
  for (const s of [-1, 1]) {
    out += stroke(
      curve(
        head.all([
          [s * (nose.width + 4), nose.length - 5],
          [s * (nose.width + 13), nose.length + 9],
          [s * (lips.width + 7), lips.y - 5],
        ]),
      ),
      skin.deep,
      3,
      0.55 * fold,
    );
    out += stroke(
      curve(
        head.all([
          [s * (eyes.apart - 17), 14],
          [s * eyes.apart, 19],
          [s * (eyes.apart + 17), 14],
        ]),
      ),
      skin.deep,
      2.6,
      0.5 * fold + 0.08,
    );
  }
  if (years > 44)
    for (const y of [-60, -72])
      out += stroke(
        curve(
          head.all([
            [-38, y + 2],
            [-14, y],
            [14, y],
            [38, y + 2],
          ]),
        ),
        skin.deep,
        2,
        0.4 * fold,
      );
  return defs.soft(1.6, out);
}
