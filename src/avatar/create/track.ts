/**
 * From points to boxes that glide.
 *
 * The points of single pictures are good to .001 of the box; what would be seen of their noise is trembling. So the head's
 * place is a mean of many points, smoothed both ways in time, and everything else hangs on it.
 */
import { around, gapOf, middleOf, type Parting, type Point, type Points } from '../../face/index.js';
import type { Box } from '../../picture/picture.js';
import type { FaceSeen } from './analyse.js';
import { quantile, smooth } from './series.js';

/** Boxes of one picture, pixels; each kind is what models of a family are shown. */
export interface Boxes {
  /** Square: lips at 63 % of its height, chin at 87 %; for tinylip, as `boxes` in avatar.yaml. */
  readonly mouth: Box;
  /** Forehead to chin and ear to ear, a little more below: near what Wav2Lip's detector gives with its usual pads. */
  readonly wav2lip: Box;
  /** The points' width; from as far above the nose's middle as the chin lies below it. MuseTalk 1.5 with its margin. */
  readonly musetalk: Box;
}

/** What is known of a stretch of pictures, over time. */
export interface Track {
  readonly boxes: readonly Boxes[];
  /** Gap between the lips and the points around it, smoothed. */
  readonly mouths: readonly Mouth[];
  /** How far the head moves from each picture to the next, in parts of the box. */
  readonly speed: readonly number[];
}

/** The mouth of one picture. */
export interface Mouth {
  readonly parting: Parting;
  readonly points: Points;
  /** Inner lips' distance by the points, in parts of the mouth's width. */
  readonly opening: number;
}

/** Pictures: 2 are 80 ms. What the head really does in that time is kept. */
const SIGMA = 2;
/** A camera that comes closer takes longer. */
const SIGMA_SIZE = 12;
/** Sizes that differ by less are one. */
const STEADY = 0.03;
/** A gap that changes by less, of the mouth's width, is that of somebody who does not speak: its shape may take longer. */
const STILL = 0.06;
const SIGMA_STILL = 12;
/** Lips that speak open and close within five pictures. */
const SIGMA_LIPS = 1;
/** From the lips to the chin, of the box; .24 less what the points see the chin too high. */
export const LIPS_TO_CHIN = 0.235;
export const LIPS_AT = 0.63;

/** Follows one face through a stretch without a cut. @param faces at least one */
export function track(faces: readonly FaceSeen[]): Track {
  const all = smoothPoints(faces.map(({ points }) => points));
  const calm = closest(faces);
  const scale = scales(all);
  const reach = quantile(
    calm.map((i) => (all[i]![8]!.y - lipsOf(all[i]!).y) / scale[i]!),
    0.5,
  );
  const side = reach / LIPS_TO_CHIN;
  const head = all.map(anchor);
  const offset = (pick: (p: Point) => number) =>
    quantile(
      calm.map((i) => (pick(lipsOf(all[i]!)) - pick(head[i]!)) / scale[i]!),
      0.5,
    );
  const [right, down] = [offset(({ x }) => x), offset(({ y }) => y)];
  const middle = head.map(({ x, y }, i) => ({ x: x + right * scale[i]!, y: y + down * scale[i]! }));
  const mouth = middle.map(({ x, y }, i) => {
    const s = side * scale[i]!;
    return { x: x - s / 2, y: y - LIPS_AT * s, w: s, h: s };
  });
  return {
    boxes: mouth.map((box, i) => ({ mouth: box, ...otherBoxes(all[i]!) })),
    mouths: mouths(faces, all),
    speed: mouth.map((box, i) => {
      const before = mouth[Math.max(0, i - 1)]!;
      return Math.hypot(box.x - before.x, box.y - before.y) / box.w;
    }),
  };
}

/** The pictures whose mouth is most closed: a third of them. */
function closest(faces: readonly FaceSeen[]): number[] {
  const limit = quantile(
    faces.map(({ opening }) => opening),
    0.33,
  );
  return [...faces.keys()].filter((i) => faces[i]!.opening <= limit);
}

function smoothPoints(points: readonly Points[]): Points[] {
  const count = points[0]!.length;
  const columns = Array.from({ length: count }, (_, n) => ({
    x: smooth(
      points.map((p) => p[n]!.x),
      SIGMA,
    ),
    y: smooth(
      points.map((p) => p[n]!.y),
      SIGMA,
    ),
  }));
  return points.map((_, i) => columns.map(({ x, y }) => ({ x: x[i]!, y: y[i]! })));
}

/** What does not move when the jaw does: nose and upper lip. */
function anchor(points: Points): Point {
  const nose = middleOf(points.slice(27, 36));
  const lip = middleOf(points.slice(48, 55));
  return { x: (nose.x + lip.x) / 2, y: (nose.y + lip.y) / 2 };
}

/** The middle of the mouth. */
/** Between the lips: what a mouth box hangs on. */
export function lipsOf(points: Points): Point {
  const lips = middleOf(points.slice(48, 68));
  return { x: lips.x, y: (points[62]!.y + points[66]!.y) / 2 };
}

/** The face's size against its usual one. Brows, eyes, nose: nothing that speaks. */
function scales(all: readonly Points[]): number[] {
  const spread = all.map((points) => {
    const rigid = points.slice(17, 48);
    const { x, y } = middleOf(rigid);
    return Math.sqrt(rigid.reduce((sum, p) => sum + (p.x - x) ** 2 + (p.y - y) ** 2, 0) / rigid.length);
  });
  const usual = quantile(spread, 0.5);
  const slow = smooth(
    spread.map((value) => value / usual),
    SIGMA_SIZE,
  );
  return Math.max(...slow) - Math.min(...slow) < STEADY ? slow.map(() => 1) : slow;
}

function otherBoxes(points: Points): Omit<Boxes, 'mouth'> {
  const { x, y, w, h } = around(points);
  const line = points[29]!.y;
  const half = y + h - line;
  const top = Math.max(0, line - half);
  return {
    // A face detector's box begins in the forehead: YuNet's, measured on ava, max and others, a third of the way from brows to
    // chin above the brows. Below comes Wav2Lip's own 10 px, which are 4 % of it.
    wav2lip: { x, y: y - 0.33 * h, w, h: 1.37 * h },
    musetalk: { x, y: top, w, h: y + h - top + 0.05 * h },
  };
}

function mouths(faces: readonly FaceSeen[], all: readonly Points[]): Mouth[] {
  const gaps = faces.map(({ parting }) => gapOf(parting));
  const still = quantile(gaps, 0.95) - quantile(gaps, 0.05) < STILL;
  const sigma = still ? SIGMA_STILL : SIGMA_LIPS;
  const edges = (['upper', 'lower'] as const).map((edge) =>
    [0, 1, 2].map((n) =>
      smooth(
        faces.map(({ parting }) => parting[edge][n]!),
        sigma,
      ),
    ),
  );
  const opening = smooth(
    faces.map((face) => face.opening),
    SIGMA_LIPS,
  );
  return all.map((points, i) => {
    const [upper, lower] = edges.map(([a, b, c]) => [a![i]!, b![i]!, c![i]!] as [number, number, number]);
    const parting = { left: points[60]!, right: points[64]!, upper: upper!, lower: lower! };
    return { parting, points, opening: opening[i]! };
  });
}
