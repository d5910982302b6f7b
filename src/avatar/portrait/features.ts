import type { Skin } from './face.js';
import { Head } from './head.js';
import type { Person } from './person.js';
import { between, curve, type Definitions, ellipse, fill, type Point, stroke } from './svg.js';

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
  const tip = proud(head, 14);
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
function proud(head: Head, z: number) {
  return (x: number, y: number): Point => head.at(x, y, Head.depth(x, y) + z);
}
