/**
 * What is right and wrong with a video, by time: what a person who records another one wants to know.
 */
import { around } from '../../face/index.js';
import type { Sight } from './analyse.js';
import { RATE } from './footage.js';
import { quantile, runs } from './series.js';

/** What can be found. */
export type FindingKind =
  | 'no-face'
  | 'two-faces'
  | 'small-face'
  | 'out-of-frame'
  | 'cut'
  | 'open-mouth'
  | 'mouth-closed'
  | 'speaks'
  | 'blurred'
  | 'dark'
  | 'bright'
  | 'short';

/** One finding. */
export interface Finding {
  readonly kind: FindingKind;
  /** `error`: those pictures cannot be used; `warning`: they are, and may look worse for it. */
  readonly level: 'error' | 'warning';
  /** Seconds from the beginning of what was read. */
  readonly from: number;
  readonly to: number;
  /** A sentence for a person: what it is and what to do. */
  readonly text: string;
}

/** Limits. Widths in pixels of the written picture. */
const SMALL = { error: 48, warning: 90 };
/** Inner lips' distance of the mouth's width: above the first it is not closed, above the second it cannot be closed well. */
export const OPEN = { warning: 0.11, error: 0.45 };
const LIGHT = { dark: 45, bright: 225 };
/** Detail below this part of the video's usual one is motion blur; below the second number all of it is soft. */
const BLUR = { part: 0.35, least: 25 };
/** Runs shorter than this are no finding, seconds. */
const BRIEF = 0.2;

/** Looks for all of it. */
export function findings(sights: readonly Sight[], size: { width: number; height: number }): Finding[] {
  const found: Finding[] = [];
  const usual = quantile(
    [0, ...sights.flatMap(({ face }) => (face === undefined ? [] : [face.detail]))],
    0.5,
  );
  const report = (
    kind: FindingKind,
    level: Finding['level'],
    text: string,
    holds: (sight: Sight) => boolean,
    least = BRIEF,
  ) => {
    for (const [from, to] of runs(sights.length, (i) => holds(sights[i]!))) {
      if ((to - from) / RATE < least && to - from < sights.length) continue;
      found.push({ kind, level, from: from / RATE, to: to / RATE, text });
    }
  };
  const width = ({ face }: Sight) => (face === undefined ? undefined : around(face.points).w);
  const between = (value: number | undefined, low: number, high: number) =>
    value !== undefined && value >= low && value < high;
  report('no-face', 'error', 'There is no face to be seen.', ({ face }) => face === undefined, 0);
  report('two-faces', 'warning', 'There is more than one face; the largest is followed.', (s) => s.crowd);
  report(
    'small-face',
    'error',
    `The face is less than ${SMALL.error} pixels wide; record it closer, or cut it out with --crop.`,
    (s) => between(width(s), 0, SMALL.error),
    0,
  );
  report(
    'small-face',
    'warning',
    `The face is less than ${SMALL.warning} pixels wide and will look soft; record it closer.`,
    (s) => between(width(s), SMALL.error, SMALL.warning),
  );
  report(
    'out-of-frame',
    'error',
    'Part of the face is outside of the picture.',
    ({ face }) => face !== undefined && outside(face.points, size),
    0,
  );
  report(
    'cut',
    'warning',
    'The video jumps; what lies before and after is not played as one.',
    (s) => s.cut,
    0,
  );
  report(
    'open-mouth',
    'error',
    'The mouth is wide open; a lip-sync model needs it closed.',
    ({ face }) => between(face?.opening, OPEN.error, 9),
    0,
  );
  report(
    'open-mouth',
    'warning',
    'The mouth is open; record somebody who listens with closed lips.',
    ({ face }) => between(face?.opening, OPEN.warning, OPEN.error),
  );
  report('dark', 'warning', 'The face is dark; more light from the front helps.', ({ face }) =>
    between(face?.light, 0, LIGHT.dark),
  );
  report('bright', 'warning', 'The face is so bright that its detail is lost.', ({ face }) =>
    between(face?.light, LIGHT.bright, 256),
  );
  report('blurred', 'warning', 'The face is blurred: it moves fast, or is out of focus.', ({ face }) =>
    between(face?.detail, 0, Math.max(BLUR.least, BLUR.part * usual)),
  );
  return found.sort((a, b) => a.from - b.from);
}

/** True for a picture that can be part of an avatar. */
export function usable({ face }: Sight, size: { width: number; height: number }): boolean {
  return (
    face !== undefined &&
    around(face.points).w >= SMALL.error &&
    face.opening < OPEN.error &&
    !outside(face.points, size)
  );
}

/** Lips and chin must be there as a whole; a little of an ear may not be. */
function outside(points: Parameters<typeof around>[0], { width, height }: { width: number; height: number }) {
  const lower = around(points.slice(3, 14));
  const eyes = around(points.slice(36, 48));
  return (
    lower.x < 1 || lower.x + lower.w > width - 1 || lower.y + lower.h > height - 2 || eyes.y < 2 || eyes.x < 1
  );
}

/** `0:03.2`. */
export function timecode(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor((tenths % 600) / 10)).padStart(2, '0')}.${tenths % 10}`;
}
