/** Which part of a video becomes the loop. */
import { around } from '../../face/index.js';
import type { Sight } from './analyse.js';
import { OPEN, usable } from './findings.js';
import { RATE } from './footage.js';
import { quantile, runs } from './series.js';

/** Pictures from `from` to before `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Its mouth is closed all the time as it was recorded. */
  readonly closed: boolean;
  /** The lips move as they do in speech. */
  readonly speaks: boolean;
}

/** A closed stretch of so many seconds is taken as it is, though an open one would be longer. */
const ENOUGH = 4;
/** The same where the person speaks: lips that were brought together would mumble at rest. */
const ENOUGH_OF_SPEECH = 1.5;
/** A mouth that is opened and closed by more, of its width, belongs to somebody who speaks. */
const SPEAKS = 0.08;
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
  const open = best(sights, all, length);
  const shut = best(sights, closed, length);
  if (open === undefined) return undefined;
  const speaks = spread(sights, open) > SPEAKS;
  const enough = Math.min(length, speaks ? ENOUGH_OF_SPEECH : ENOUGH) * RATE;
  const [from, to] = open;
  if (shut !== undefined && shut[1] - shut[0] >= Math.min(enough, to - from)) {
    return { from: shut[0], to: shut[1], closed: true, speaks: false };
  }
  return { from, to, closed: false, speaks };
}

/** The longest stretch of some runs, at most `length` seconds, and of equally long ones the calmest. */
function best(
  sights: readonly Sight[],
  found: readonly [number, number][],
  length: number,
): [number, number] | undefined {
  const longest = Math.max(0, ...found.map(([from, to]) => to - from));
  const most = Math.min(Math.round(length * RATE), longest);
  if (most < Math.min(LEAST * RATE, sights.length) || most === 0) return undefined;
  let at = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [first, end] of found) {
    for (let from = first; from + most <= end; from++) {
      const cost = costOf(sights, from, from + most);
      if (cost >= least) continue;
      at = from;
      least = cost;
    }
  }
  return [at, at + most];
}

/** By how much a mouth opens and closes. */
function spread(sights: readonly Sight[], [from, to]: readonly [number, number]): number {
  const openings = sights.slice(from, to).map(({ face }) => face!.opening);
  return quantile(openings, 0.95) - quantile(openings, 0.05);
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
