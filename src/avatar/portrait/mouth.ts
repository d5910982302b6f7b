import { css, hex, mix, shift } from './colour.js';
import type { Skin } from './face.js';
import type { Head } from './head.js';
import type { Person } from './person.js';
import { between, curve, type Definitions, ellipse, fill, type Point, sample, stroke } from './svg.js';

/** The line where the lips meet, head-local, from corner to corner. */
export function lipLine({ lips: { y, width: w, smile } }: Person): Point[] {
  const half: Point[] = [
    [w, -smile],
    [w * 0.72, 0.2 - smile * 0.34],
    [w * 0.36, 0.5],
    [w * 0.14, 0.9],
  ];
  return [
    ...half.map(([x, dy]): Point => [-x, y + dy]),
    [0, y + 1.7],
    ...half.map(([x, dy]): Point => [x, y + dy]).reverse(),
  ];
}

/** Closed lips. The line between them is what a lip-sync model opens. */
export function mouth(person: Person, head: Head, defs: Definitions, skin: Skin): string {
  const { y, width: w, upper, lower, smile, colour } = person.lips;
  const proud = (points: readonly Point[]) => sample(points, 25).map(([x, py]) => head.at(x, py));
  const line = proud(lipLine(person));
  const top = proud([
    [-w, y - smile - 0.4],
    [-w * 0.64, y - upper * 0.6 - smile * 0.36],
    [-w * 0.24, y - upper],
    [0, y - upper * 0.72],
    [w * 0.24, y - upper],
    [w * 0.64, y - upper * 0.6 - smile * 0.36],
    [w, y - smile - 0.4],
  ]);
  const bottom = proud([
    [-w, y - smile + 0.4],
    [-w * 0.68, y + lower * 0.5 - smile * 0.3],
    [-w * 0.3, y + lower * 0.95],
    [0, y + lower * 1.04],
    [w * 0.3, y + lower * 0.95],
    [w * 0.68, y + lower * 0.5 - smile * 0.3],
    [w, y - smile + 0.4],
  ]);
  const p = (x: number, py: number) => head.at(x, py);
  const dark = css(shift(colour, -0.09, 0.0, -4));
  const mid = css(colour);
  const light = css(shift(colour, 0.07, -0.01, 4));
  const shine = css(mix(shift(colour, 0.22, -0.06), hex('#ffffff'), 0.35));
  const seam = css(shift(colour, -0.27, -0.03, 2));
  const upperShape = between(top, line);
  const lowerShape = between(line, bottom);
  const upperPaint = defs.linear(p(0, y - upper), p(0, y + 2), [
    [0, mid],
    [0.55, css(shift(colour, -0.04))],
    [1, dark],
  ]);
  const lowerPaint = defs.linear(p(0, y), p(0, y + lower), [
    [0, css(shift(colour, -0.03))],
    [0.4, light],
    [1, mid],
  ]);
  const side = person.light.side;
  const scale = person.head;
  const corners = [-1, 1]
    .map((s) => ellipse(p(s * (w + 2.2), y - smile + 0.5), 5, 4.5, skin.deep, 0.45))
    .join('');
  const philtrum = [-1, 1]
    .map((s) =>
      stroke(
        curve([p(s * 3.2, person.nose.length + 8), p(s * 5.2, y - upper - 2)]),
        s === side ? skin.light : skin.shade,
        3,
        0.55,
      ),
    )
    .join('');
  return (
    defs.soft(2.6, corners + philtrum) +
    defs.soft(0.7, fill(upperShape, upperPaint) + fill(lowerShape, lowerPaint)) +
    fill(upperShape, upperPaint, 0.75) +
    fill(lowerShape, lowerPaint, 0.75) +
    defs.clipped(
      lowerShape,
      defs.soft(
        2.2,
        ellipse(p(side * w * 0.16, y + lower * 0.5), w * 0.36 * scale, lower * 0.2 * scale, shine, 0.62) +
          stroke(curve(bottom), dark, 3.4, 0.5),
      ),
    ) +
    defs.clipped(upperShape, defs.soft(1.4, stroke(curve(line), dark, 4, 0.6))) +
    defs.soft(1, stroke(curve(top.slice(7, 18)), skin.shine, 1.5, 0.5)) +
    defs.soft(0.55, stroke(curve(line), seam, 1.6, 0.8)) +
    defs.soft(
      0.8,
      stroke(curve(line.slice(0, 3)), seam, 1.5, 0.5) + stroke(curve(line.slice(22)), seam, 1.5, 0.5),
    )
  );
}
