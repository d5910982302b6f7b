import { type Colour, css, hex, mix, shift } from './colour.js';
import type { Skin } from './face.js';
import type { Person } from './person.js';
import { between, curve, type Definitions, ellipse, fill, type Point, stroke } from './svg.js';

/** Places body points (design pixels from the eye line, x from the spine) on the canvas. */
export type Torso = (x: number, y: number) => Point;

const cloth = (colour: Colour) => ({
  deep: css(shift(colour, -0.13, -0.005)),
  low: css(shift(colour, -0.06)),
  base: css(colour),
  light: css(mix(shift(colour, 0.07), hex('#ffffff'), 0.04)),
  edge: css(mix(shift(colour, 0.13), hex('#ffffff'), 0.1)),
});
type Cloth = ReturnType<typeof cloth>;
const both = (draw: (s: -1 | 1) => string) => draw(-1) + draw(1);

/** Half width of the neck, design pixels. */
const neckWidth = (person: Person) => (person.sex === 'female' ? 43 : 56) + (person.face.jaw - 75) * 0.3;
const shoulders = (person: Person) => (person.sex === 'female' ? 208 : 240);

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
    )
  );
}

/** The clothes, from the neckline down to past the bottom of the picture. */
export function clothes(person: Person, at: Torso, defs: Definitions): string {
  const { style, colour, under } = person.clothes;
  const c = cloth(colour);
  switch (style) {
    case 'blazer':
      return (
        shirtfront(person, at, defs, cloth(under), person.sex === 'female' ? 60 : 34) +
        blazer(person, at, defs, c)
      );
    case 'shirt':
      return (
        coat(person, at, defs, c, [
          [0, 74],
          [18, 50],
          [52, 22],
        ]) + collar(person, at, defs, c)
      );
    case 'crew':
      return (
        coat(person, at, defs, c, [
          [0, 62],
          [34, 50],
          [62, 26],
        ]) +
        rib(person, at, defs, c, [
          [0, 62],
          [34, 50],
          [62, 26],
        ])
      );
    case 'vneck':
      return (
        coat(person, at, defs, c, [
          [0, 112],
          [30, 66],
          [66, 26],
        ]) +
        rib(person, at, defs, c, [
          [0, 112],
          [30, 66],
          [66, 26],
        ])
      );
    case 'turtleneck':
      return (
        coat(person, at, defs, c, [
          [0, 44],
          [30, 36],
          [58, 24],
        ]) + roll(person, at, defs, c)
      );
  }
}

/** Shoulders and chest with a neckline given as half its points (from the middle out, y from the chin). */
function coat(person: Person, at: Torso, defs: Definitions, c: Cloth, line: readonly Point[]): string {
  const y = person.face.chin;
  const wide = shoulders(person);
  const nw = neckWidth(person) - 43;
  const half = (s: number): Point[] => [
    ...line.slice(1).map(([x, dy]) => at(s * (x + nw * 0.8), y + dy)),
    at(s * (92 + nw), y + 38),
    at(s * wide * 0.78, y + 62),
    at(s * wide, y + 98),
    at(s * (wide + 26), y + 180),
    at(s * (wide + 34), y + 460),
  ];
  const middle = at(0, y + line[0]![1]);
  const d = `${curve([...half(-1).reverse(), middle, ...half(1)])}Z`;
  const { side } = person.light;
  const paint = defs.linear(at(side * 200, y + 40), at(-side * 200, y + 200), [
    [0, c.light],
    [0.45, c.base],
    [1, c.low],
  ]);
  const folds = both(
    (s) =>
      stroke(
        curve([at(s * wide * 0.74, y + 110), at(s * wide * 0.66, y + 170), at(s * wide * 0.7, y + 250)]),
        c.deep,
        12,
        0.55,
      ) + stroke(curve([at(s * wide * 0.5, y + 130), at(s * wide * 0.34, y + 190)]), c.deep, 8, 0.25),
  );
  return (
    fill(d, paint) +
    defs.clipped(
      d,
      defs.soft(8, folds + stroke(curve(half(-side)), c.deep, 14, 0.4)) +
        defs.soft(
          5,
          stroke(
            curve([at(side * 96, y + 42), at(side * wide * 0.78, y + 68), at(side * wide, y + 106)]),
            c.edge,
            6,
            0.4,
          ),
        ) +
        defs.soft(6, ellipse(at(0, y + line[0]![1] - 4), 54, 16, c.deep, 0.3)),
    )
  );
}

function rib(person: Person, at: Torso, defs: Definitions, c: Cloth, line: readonly Point[]): string {
  const y = person.face.chin;
  const nw = (neckWidth(person) - 43) * 0.8;
  const points = (lift: number) => [
    ...[...line]
      .slice(1)
      .reverse()
      .map(([x, dy]) => at(-(x + nw), y + dy + lift)),
    at(0, y + line[0]![1] + lift),
    ...line.slice(1).map(([x, dy]) => at(x + nw, y + dy + lift)),
  ];
  return (
    defs.soft(2, stroke(curve(points(9)), c.deep, 3, 0.5)) +
    stroke(curve(points(3.5)), c.low, 8) +
    defs.soft(0.8, stroke(curve(points(1.5)), c.light, 2, 0.7))
  );
}

function roll(person: Person, at: Torso, defs: Definitions, c: Cloth): string {
  const y = person.face.chin;
  const w = neckWidth(person) + 6;
  const top = [at(-w, y + 6), at(-w * 0.5, y + 20), at(0, y + 25), at(w * 0.5, y + 20), at(w, y + 6)];
  const bottom = [
    at(-w - 14, y + 44),
    at(-w * 0.5, y + 62),
    at(0, y + 67),
    at(w * 0.5, y + 62),
    at(w + 14, y + 44),
  ];
  const d = between(top, bottom);
  return (
    fill(
      d,
      defs.linear(at(-w, y), at(w, y), [
        [0, c.base],
        [0.35, c.light],
        [1, c.low],
      ]),
    ) +
    defs.clipped(d, defs.soft(3, stroke(curve(bottom), c.deep, 8, 0.6) + stroke(curve(top), c.edge, 3, 0.4)))
  );
}

function collar(person: Person, at: Torso, defs: Definitions, c: Cloth): string {
  const y = person.face.chin;
  const w = neckWidth(person);
  return (
    both((s) => {
      const wing = between(
        [at(s * (w + 2), y + 8), at(s * w * 0.66, y + 44), at(0, y + 78)],
        [at(s * (w + 24), y + 30), at(s * (w + 16), y + 66), at(s * 34, y + 112)],
      );
      return (
        defs.soft(4, fill(wing, c.deep, 0.5)) +
        fill(
          wing,
          defs.linear(at(s * w, y + 10), at(s * 20, y + 110), [
            [0, c.base],
            [1, c.light],
          ]),
        ) +
        stroke(
          curve([at(s * (w + 22), y + 31), at(s * (w + 14), y + 65), at(s * 33, y + 110)]),
          c.edge,
          1,
          0.5,
        )
      );
    }) +
    defs.soft(0.8, stroke(curve([at(0, y + 80), at(0.5, y + 200), at(0, y + 460)]), c.deep, 1.6, 0.6)) +
    [112, 176, 240, 304].map((dy) => ellipse(at(0, y + dy), 3, 3, c.deep, 0.7)).join('')
  );
}

/** What shows between the lapels: a top with a round neckline, or a shirt with its collar. */
function shirtfront(person: Person, at: Torso, defs: Definitions, c: Cloth, depth: number): string {
  const y = person.face.chin;
  const female = person.sex === 'female';
  const d = `${curve([at(-78, y + 40), at(-46, y + depth + 18), at(0, y + depth + 34), at(46, y + depth + 18), at(78, y + 40), at(110, y + 200), at(90, y + 460)])}L${at(-90, y + 460).join(' ')}L${at(-110, y + 200).join(' ')}Z`;
  const body =
    fill(
      d,
      defs.linear(at(-60, y), at(60, y + 120), [
        [0, c.light],
        [1, c.low],
      ]),
    ) +
    defs.clipped(
      d,
      defs.soft(
        7,
        both((s) => stroke(curve([at(s * 70, y + 70), at(s * 34, y + 200)]), c.deep, 16, 0.5)),
      ),
    );
  return female
    ? body +
        defs.soft(
          1,
          stroke(
            curve([
              at(-76, y + 42),
              at(-46, y + depth + 19),
              at(0, y + depth + 35),
              at(46, y + depth + 19),
              at(76, y + 42),
            ]),
            c.deep,
            1.4,
            0.35,
          ),
        )
    : body + collar(person, at, defs, c);
}

function blazer(person: Person, at: Torso, defs: Definitions, c: Cloth): string {
  const y = person.face.chin;
  const nw = neckWidth(person) - 43;
  const wide = shoulders(person);
  return both((s) => {
    const x = (v: number) => s * (v + nw * 0.8);
    const front = `${curve([at(x(56), y + 12), at(x(60), y + 56), at(x(46), y + 130), at(x(12), y + 232), at(-s * 4, y + 460)])}L${at(s * (wide + 40), y + 460).join(' ')}L${curve([at(s * (wide + 26), y + 180), at(s * wide, y + 98), at(s * wide * 0.78, y + 62), at(x(92), y + 32), at(x(56), y + 12)]).slice(1)}Z`;
    const lapel = `${curve([at(x(56), y + 12), at(x(59), y + 58), at(x(45), y + 130), at(x(12), y + 232)])}L${curve([at(x(12), y + 232), at(x(62), y + 186), at(x(98), y + 128)]).slice(1)}L${at(x(78), y + 116).join(' ')}L${at(x(106), y + 92).join(' ')}L${curve([at(x(106), y + 92), at(x(92), y + 52), at(x(70), y + 16)]).slice(1)}Z`;
    const lit = s === person.light.side;
    const paint = defs.linear(at(s * 210, y + 70), at(0, y + 260), [
      [0, lit ? c.light : c.low],
      [0.6, lit ? c.base : c.low],
      [1, c.low],
    ]);
    return (
      fill(front, paint) +
      defs.clipped(
        front,
        defs.soft(
          8,
          stroke(
            curve([at(s * wide * 0.76, y + 120), at(s * wide * 0.68, y + 180), at(s * wide * 0.72, y + 260)]),
            c.deep,
            14,
            0.6,
          ) +
            (lit
              ? stroke(
                  curve([at(x(100), y + 44), at(s * wide * 0.78, y + 70), at(s * wide, y + 108)]),
                  c.edge,
                  8,
                  0.35,
                )
              : ''),
        ),
      ) +
      defs.soft(4, fill(lapel, c.deep, 0.75)) +
      fill(
        lapel,
        defs.linear(at(x(100), y + 60), at(x(20), y + 200), [
          [0, lit ? c.light : c.base],
          [1, lit ? c.base : c.low],
        ]),
      ) +
      defs.soft(
        0.6,
        stroke(curve([at(x(12), y + 232), at(x(62), y + 186), at(x(98), y + 128)]), c.edge, 0.9, 0.4),
      )
    );
  });
}
