import { css, hex, mix, shift } from './colour.js';
import type { Skin } from './face.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import {
  between,
  curve,
  type Definitions,
  ellipse,
  fill,
  type Point,
  sample,
  stroke,
  towards,
} from './svg.js';

/** What the eyes do: `blink` 0 open to 1 shut; `gaze` -1 to 1 each way (right and down positive). */
export interface Look {
  readonly blink: number;
  readonly gaze: Point;
  /** Raised brows, -1 to 1. */
  readonly brow: number;
}

/** Both eyes with lids and lashes. */
export function eyes(person: Person, head: Head, defs: Definitions, skin: Skin, look: Look): string {
  return eye(-1, person, head, defs, skin, look) + eye(1, person, head, defs, skin, look);
}

function eye(s: -1 | 1, person: Person, head: Head, defs: Definitions, skin: Skin, look: Look): string {
  const { apart: cx, width: w, height: h, tilt, iris, lash } = person.eyes;
  const at = (u: number, y: number): Point => head.at(s * (cx + u * w), y);
  const open = 1 - look.blink;
  const gazeDrop = look.gaze[1] * 1.6;
  // u runs from the inner (-1) to the outer corner (+1); lids as heights over u
  const corner = (u: number) => 2.4 - ((u + 1) / 2) * (2.4 + tilt);
  const lower: Point[] = [
    [-1, corner(-1)],
    [-0.86, 4],
    [-0.4, h * 0.6 + 1.2],
    [0.15, h * 0.72],
    [0.62, h * 0.52],
    [1, corner(1)],
  ];
  const upperOpen: Point[] = [
    [-1, corner(-1)],
    [-0.84, -2],
    [-0.42, -h * 0.8],
    [0.1, -h * 0.94],
    [0.6, -h * 0.7],
    [1, corner(1)],
  ];
  const up = upperOpen.map(([u, y], i): Point => {
    const shut = lower[i]![1] - (i > 0 && i < 5 ? 0.6 : 0);
    const raised = y + (i > 0 && i < 5 ? gazeDrop * 0.8 : 0);
    return [u, shut + (raised - shut) * open];
  });
  const lowerNow = lower.map(
    ([u, y], i): Point => [u, y - (i > 0 && i < 5 ? look.blink * 2 - gazeDrop * 0.2 : 0)],
  );
  const upperPts = sample(up, 17).map(([u, y]) => at(u, y));
  const lowerPts = sample(lowerNow, 17).map(([u, y]) => at(u, y));
  const opening = between(upperPts, lowerPts);
  const scale = person.head;
  const centre = head.at(s * cx + look.gaze[0] * 5.2, -h * 0.18 + look.gaze[1] * 3.4);
  const r = (7.2 + person.eyes.height * 0.34) * scale;
  const dark = css(shift(iris, -0.2));
  const irisPaint = defs.radial([centre[0], centre[1] + 1.5], r, [
    [0, css(shift(iris, -0.12))],
    [0.45, css(shift(iris, 0.04, 0.02))],
    [0.78, css(shift(iris, 0.0))],
    [0.93, dark],
    [1, dark],
  ]);
  let rays = '';
  for (let i = 0; i < 22; i++) {
    const a = (i / 22) * 2 * Math.PI + 0.1;
    const [c, n] = [Math.cos(a), Math.sin(a)];
    const from: Point = [centre[0] + c * r * 0.46, centre[1] + n * r * 0.46];
    const to: Point = [centre[0] + c * r * (0.74 + 0.12 * (i % 3 === 0 ? 1 : 0)), centre[1] + n * r * 0.78];
    rays += stroke(curve([from, to]), css(shift(iris, i % 2 ? 0.13 : -0.07, 0.02)), 0.8, 0.5);
  }
  const lid = css(mix(hex('#2a1a16'), person.brows.colour, 0.25));
  const white = defs.linear(at(0, -h), at(0, h), [
    [0, '#c9bfbd'],
    [0.45, '#ebe5e2'],
    [1, '#f1ecea'],
  ]);
  const light = person.light.side;
  const ball =
    fill(opening, white) +
    defs.soft(1.2, ellipse(at(-0.95, 2.6), 3.6, 2.6, '#d98f86', 0.8)) +
    ellipse(centre, r, r, irisPaint) +
    rays +
    defs.soft(
      1,
      ellipse([centre[0], centre[1] + r * 0.45], r * 0.55, r * 0.32, css(shift(iris, 0.2, 0.03)), 0.5),
    ) +
    ellipse(centre, r * 0.43, r * 0.43, '#120c0b') +
    defs.soft(1.6, stroke(curve(upperPts), '#3a2622', 5, 0.5)) + // the lid's shadow on the ball
    ellipse([centre[0] + light * r * 0.34, centre[1] - r * 0.36], 2.7 * scale, 2.5 * scale, '#ffffff', 0.95) +
    ellipse([centre[0] - light * r * 0.36, centre[1] + r * 0.4], 1.3 * scale, 1.1 * scale, '#ffffff', 0.5);

  const crease = sample(
    upperOpen.map(
      ([u, y], i): Point => [u * 1.04, i > 0 && i < 5 ? y - 5.4 - open * 0.6 : y - (i ? 3 : 0.5)],
    ),
    17,
  ).map(([u, y]) => at(u, y));
  const lidCurve = sample(up, 17);
  const grow = (u: number) => (0.5 + lash * 2.3 * u) * Math.min(1, u * 5);
  const lashEdge = lidCurve.map(([u, y], i): Point => {
    const k = i / 16;
    return i === 16 ? at(u + 0.05 + lash * 0.13, y - lash * 2.2) : at(u + k * 0.03, y - grow(k));
  });
  let lashes = '';
  if (lash > 0.5)
    for (let i = 0; i < 7; i++) {
      // tapered, denser and longer towards the outer corner; they turn down with the closing lid
      const k = 7.6 + i * 1.25;
      const [u, y] = towards(lidCurve[Math.floor(k)]!, lidCurve[Math.min(16, Math.floor(k) + 1)]!, k % 1);
      const long = (1.5 + i * 0.5) * lash;
      const lean = 0.05 + i * 0.026;
      const rise = (part: number) =>
        y - open * (grow(k / 16) + long * part) + (1 - open) * long * 1.15 * part;
      const root = y - 0.6 * open;
      const tip = at(u + lean, rise(1));
      lashes += fill(
        between(
          [at(u - 0.05, root), at(u + lean * 0.4 - 0.03, rise(0.45)), tip],
          [at(u + 0.06, root), at(u + lean * 0.7, rise(0.4)), tip],
        ),
        lid,
        0.9,
      );
    }
  return (
    defs.soft(2.4, fill(between(crease, upperPts), skin.deep, 0.3 + 0.16 * lash)) +
    (look.blink > 0.02
      ? fill(between(crease, upperPts), skin.shade, Math.min(1, look.blink * 1.4) * 0.75)
      : '') +
    defs.soft(2, ellipse(at(0.1, -h * 0.94 * open - 3.4), 9 * scale, 1.8 * scale, skin.light, 0.5)) +
    defs.soft(0.8, stroke(curve(crease), skin.crease, 1.3, 0.6)) +
    defs.clipped(opening, ball) +
    defs.soft(
      0.6,
      stroke(curve(lowerPts.slice(1)), skin.blush, 1.6, 0.42) +
        stroke(curve(lowerPts.slice(6)), skin.crease, 1, 0.55),
    ) +
    fill(between(lashEdge, upperPts), lid, 0.95) +
    stroke(curve(upperPts.slice(2)), lid, 1, 0.9) +
    lashes
  );
}
