import { both, type Cloth, neckWidth, type Torso } from './body.js';
import type { Person } from './person.js';
import { between, curve, type Definitions, ellipse, fill, stroke } from './svg.js';

/** A folded collar with its row of buttons. */
export function collar(person: Person, at: Torso, defs: Definitions, c: Cloth): string {
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
