import { blazer, shirtfront } from './blazer.js';
import { both, type Cloth, cloth, neckWidth, shoulders, type Torso } from './body.js';
import { collar } from './collar.js';
import type { Person } from './person.js';
import { between, curve, type Definitions, ellipse, fill, type Point, stroke } from './svg.js';

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
        curve([at(s * wide * 0.78, y + 102), at(s * wide * 0.7, y + 150), at(s * wide * 0.67, y + 290)]),
        c.deep,
        11,
        0.42,
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
