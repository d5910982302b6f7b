import { type Colour, css, hex, mix, shift } from './colour.js';
import type { Skin } from './face.js';
import type { Person } from './person.js';
import { curve, type Definitions, ellipse, fill, type Point, stroke } from './svg.js';

/** Places body points (design pixels from the eye line, x from the spine) on the canvas. */
export type Torso = (x: number, y: number) => Point;

/** Tones of one cloth, from the folds to the lit edge. */
export const cloth = (colour: Colour) => ({
  deep: css(shift(colour, -0.13, -0.005)),
  low: css(shift(colour, -0.06)),
  base: css(colour),
  light: css(mix(shift(colour, 0.07), hex('#ffffff'), 0.04)),
  edge: css(mix(shift(colour, 0.13), hex('#ffffff'), 0.1)),
});
/** What `cloth` gives. */
export type Cloth = ReturnType<typeof cloth>;
/** The same for the left (-1) and the right side. */
export const both = (draw: (s: -1 | 1) => string) => draw(-1) + draw(1);

/** Half width of the neck, design pixels. */
export const neckWidth = (person: Person) =>
  (person.sex === 'female' ? 43 : 56) + (person.face.jaw - 75) * 0.3;
/** Half width of the shoulders, design pixels. */
export const shoulders = (person: Person) => (person.sex === 'female' ? 208 : 240);

/** Neck and the skin the clothes leave open, drawn under face and clothes. */
export function neck(person: Person, at: Torso, headShift: Point, defs: Definitions, skin: Skin): string {
  const w = neckWidth(person);
  const { chin } = person.face;
  const top = (x: number, y: number): Point => {
    const [px, py] = at(x, y);
    return [px + headShift[0] * 0.8, py + headShift[1] * 0.8];
  };
  const right = (s: number): Point[] => [
    top(s * w * 1.02, 60),
    top(s * w, chin * 0.9),
    at(s * w * 0.98, chin + 28),
    at(s * w * 1.3, chin + 40),
    at(s * 108, chin + 52),
    at(s * 130, chin + 160),
  ];
  const shape = curve([...right(1), at(0, chin + 260), ...right(-1).reverse()], true);
  const { side } = person.light;
  const shadow = curve(
    [
      top(-w - 30, chin - 40),
      top(-w + 4, chin + 16),
      top(-side * 10, chin + 38),
      top(w - 4, chin + 16),
      top(w + 30, chin - 40),
      top(0, chin - 60),
    ],
    true,
  );
  return (
    fill(
      shape,
      defs.linear(at(side * 80, chin), at(-side * 80, chin + 40), [
        [0, skin.base],
        [1, skin.shade],
      ]),
    ) +
    defs.clipped(
      shape,
      defs.soft(
        9,
        fill(shadow, skin.deep, 0.75) +
          stroke(curve([top(-side * w, 60), at(-side * w * 0.96, chin + 30)]), skin.deep, 26, 0.5),
      ) +
        defs.soft(
          4,
          both((s) =>
            stroke(
              curve([top(s * w * 0.72, chin + 10), at(s * w * 0.36, chin + 56), at(s * 9, chin + 78)]),
              skin.shade,
              5,
              0.6,
            ),
          ),
        ) +
        defs.soft(
          4,
          both((s) =>
            stroke(
              curve([at(s * 14, chin + 84), at(s * 54, chin + 74), at(s * 100, chin + 78)]),
              skin.shade,
              6,
              0.65,
            ),
          ) +
            both((s) =>
              stroke(
                curve([at(s * 20, chin + 79), at(s * 56, chin + 68), at(s * 96, chin + 72)]),
                skin.light,
                3,
                0.6,
              ),
            ),
        ),
    ) +
    (person.necklace ? necklace(chin, at, defs, skin) : '')
  );
}

/** A thin golden chain with a small pendant. */
function necklace(chin: number, at: Torso, defs: Definitions, skin: Skin): string {
  const half: Point[] = [
    [66, 30],
    [50, 50],
    [26, 68],
    [9, 75],
  ];
  const chain = curve([
    ...half.map(([x, y]) => at(-x, chin + y)),
    at(0, chin + 76.5),
    ...half.map(([x, y]) => at(x, chin + y)).reverse(),
  ]);
  return (
    defs.soft(1.2, `<g transform="translate(0.4 1.6)">${stroke(chain, skin.deep, 1.6, 0.7)}</g>`) +
    stroke(chain, '#b98d45', 1.3) +
    stroke(chain, '#f3dca0', 0.5, 0.9) +
    defs.soft(0.8, ellipse(at(0.6, chin + 81.4), 3, 3, skin.deep, 0.6)) +
    ellipse(at(0, chin + 80), 2.9, 2.9, '#c79a4c') +
    ellipse(at(-0.7, chin + 79.2), 1.3, 1.2, '#fbeec6')
  );
}
