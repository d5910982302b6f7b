/** Which part of a video becomes the loop. */
import { around } from '../../face/index.js';
import type { Sight } from './analyse.js';
import { OPEN, usable } from './findings.js';
import { RATE } from './footage.js';
import { runs } from './series.js';

/** Pictures from `from` to before `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Its mouth is closed all the time as it was recorded. */
  readonly closed: boolean;
}

/** A closed stretch of so many seconds is taken as it is, though an open one would be longer. */
const ENOUGH = 4;
/** Less than this is no loop, seconds. */
export const LEAST = 1;
/** Pictures at each end in which the head should rest. */
const REST = 4;

/**
 * The best stretch of at most `length` seconds: closed lips first, then a long one, then one that rests at its ends, where the
 * motion turns round. Undefined when there is none of a second.
 */
export function chooseStretch(
  sights: readonly Sight[],
  size: { width: number; height: number },
  length: number,
): Stretch | undefined {
  const all = within(sights, (sight) => usable(sight, size));
  const closed = within(
    sights,
    (s) => usable(s, size) && s.face !== undefined && s.face.opening < OPEN.warning,
  );
  const longest = (found: readonly [number, number][]) =>
    Math.max(0, ...found.map(([from, to]) => to - from));
  const wanted = Math.min(length, ENOUGH) * RATE;
  const shut = longest(closed) >= Math.min(wanted, longest(all));
  const chosen = shut ? closed : all;
  const most = Math.min(Math.round(length * RATE), longest(chosen));
  if (most < Math.min(LEAST * RATE, sights.length) || most === 0) return undefined;
  let best: (Stretch & { readonly cost: number }) | undefined;
  for (const [first, end] of chosen) {
    for (let from = first; from + most <= end; from++) {
      const cost = costOf(sights, from, from + most);
      if (best === undefined || cost < best.cost) best = { from, to: from + most, closed: shut, cost };
    }
  }
  return best && { from: best.from, to: best.to, closed: best.closed };
}

/** Runs of pictures without a cut inside. */
function within(sights: readonly Sight[], holds: (sight: Sight) => boolean): [number, number][] {
  return runs(sights.length, (i) => holds(sights[i]!)).flatMap(([from, to]) => {
    const pieces: [number, number][] = [[from, to]];
    for (let i = from + 1; i < to; i++) {
      const last = pieces.at(-1)!;
      if (!sights[i]!.cut) continue;
      last[1] = i;
      pieces.push([i, to]);
    }
    return pieces;
  });
}

/** Open lips cost, and a head that moves at the ends, and ends that look in different directions do not: it plays there and back. */
function costOf(sights: readonly Sight[], from: number, to: number): number {
  let open = 0;
  for (let i = from; i < to; i++) open += sights[i]!.face!.opening;
  return (
    open / (to - from) + 4 * (pace(sights, from, from + REST, to) + pace(sights, to - 1 - REST, to - 1, to))
  );
}

/** Motion from picture to picture, in parts of the face's width. */
function pace(sights: readonly Sight[], from: number, to: number, end: number): number {
  let sum = 0;
  for (let i = Math.max(0, from); i < Math.min(to, end - 1); i++) {
    const [a, b] = [around(sights[i]!.face!.points), around(sights[i + 1]!.face!.points)];
    sum += Math.hypot(b.x + b.w / 2 - a.x - a.w / 2, b.y + b.h / 2 - a.y - a.h / 2) / a.w;
  }
  return sum / REST;
}
