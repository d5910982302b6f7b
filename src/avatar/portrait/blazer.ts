import { both, type Cloth, neckWidth, shoulders, type Torso } from './body.js';
import { collar } from './collar.js';
import type { Person } from './person.js';
import { curve, type Definitions, fill, stroke } from './svg.js';

/** What shows between the lapels: a top with a round neckline, or a shirt with its collar. */
export function shirtfront(person: Person, at: Torso, defs: Definitions, c: Cloth, depth: number): string {
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

/** Fronts and notched lapels. */
export function blazer(person: Person, at: Torso, defs: Definitions, c: Cloth): string {
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
            curve([at(s * wide * 0.8, y + 106), at(s * wide * 0.71, y + 150), at(s * wide * 0.68, y + 290)]),
            c.deep,
            11,
            0.42,
          ) +
            stroke(
              curve([at(x(100), y + 44), at(s * wide * 0.78, y + 70), at(s * wide, y + 108)]),
              c.edge,
              8,
              lit ? 0.4 : 0.22,
            ),
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
