import { css, hex, mix, shift } from './colour.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { between, curve, type Definitions, ellipse, fill, type Point, stroke } from './svg.js';

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

/** Ears; hair drawn later hides them or not. */
export function ears(person: Person, head: Head, defs: Definitions, skin: Skin): string {
  const w = person.face.cheek;
  let out = '';
  for (const s of [-1, 1]) {
    const shape = curve(
      head.all(
        [
          [s * (w - 5), -8],
          [s * (w + 7), -15],
          [s * (w + 14), -4],
          [s * (w + 12), 18],
          [s * (w + 5), 40],
          [s * (w - 2), 44],
          [s * (w - 8), 30],
        ],
        -20,
      ),
      true,
    );
    const inner = curve(
      head.all(
        [
          [s * (w + 8), -8],
          [s * (w + 10), 8],
          [s * (w + 4), 24],
          [s * (w + 1), 32],
        ],
        -20,
      ),
    );
    out +=
      fill(shape, s === person.light.side ? skin.base : skin.shade) +
      defs.clipped(shape, defs.soft(2.2, stroke(inner, skin.deep, 5, 0.6)));
    if (person.earrings)
      out +=
        ellipse(head.at(s * (w + 2), 45, -18), 3, 3.4, '#f3ead8') +
        ellipse(head.at(s * (w + 1.4), 44, -18), 1.1, 1.2, '#ffffff');
  }
  return out;
}

/** Bridge, tip, wings and nostrils. */
export function nose(person: Person, head: Head, defs: Definitions, skin: Skin): string {
  const { length: y, width: w } = person.nose;
  const dim = -person.light.side;
  const tip = Head3(head, 14);
  const at = (x: number, dy: number) => tip(x, y + dy);
  const bridge = between(
    head.all([
      [dim * 7, -12],
      [dim * 6.5, 12],
      [dim * 8, y - 22],
      [dim * (w - 3), y - 6],
    ]),
    head.all([
      [dim * 15, -16],
      [dim * 14, 12],
      [dim * 15, y - 20],
      [dim * (w + 3), y - 2],
    ]),
  );
  const wing = (s: number) =>
    curve([at(s * (w - 1.6), -8), at(s * (w + 0.2), -3.6), at(s * (w - 1.6), 1.2), at(s * (w - 5.5), 2.4)]);
  const nostril = (s: number) =>
    curve([at(s * 4.6, 2.2), at(s * 8, -0.2), at(s * 11.6, 1), at(s * 9.4, 3), at(s * 6, 3.8)], true);
  const under = curve(
    [at(-w, 0), at(-8, 4.4), at(0, 6.4), at(8, 4.4), at(w, 0), at(6, 10), at(-6, 10)],
    true,
  );
  return (
    defs.soft(
      4.5,
      fill(bridge, skin.deep, 0.5 * person.light.contrast) +
        stroke(
          curve(
            head.all([
              [-dim * 13, -14],
              [-dim * 12, 6],
            ]),
          ),
          skin.deep,
          5,
          0.2,
        ),
    ) +
    defs.soft(
      3,
      fill(under, skin.deep, 0.5) +
        stroke(
          curve([head.at(-dim * 1.5, -8), head.at(-dim * 1.5, y - 26), at(-dim * 1.5, -14)]),
          skin.shine,
          5,
          0.5,
        ),
    ) +
    defs.soft(
      2.2,
      ellipse(at(-dim * 2, -8), 5.4, 4.4, skin.shine, 0.85) +
        stroke(wing(dim), skin.deep, 3, 0.6) +
        stroke(wing(-dim), skin.deep, 2.4, 0.45),
    ) +
    defs.soft(
      0.9,
      stroke(wing(1), skin.crease, 1.3, 0.34) +
        stroke(wing(-1), skin.crease, 1.3, 0.34) +
        fill(nostril(-1), skin.crease, 0.85) +
        fill(nostril(1), skin.crease, 0.85),
    ) +
    defs.soft(1.2, stroke(curve([at(-4, 3.4), at(0, 5), at(4, 3.4)]), skin.deep, 1.6, 0.6))
  );
}

/** Points that stand `z` proud of the face's surface. */
function Head3(head: Head, z: number) {
  return (x: number, y: number): Point =>
    head.at(x, y, 92 * (1 - (x / 112) ** 2 - ((y - 10) / 178) ** 2) + z);
}
