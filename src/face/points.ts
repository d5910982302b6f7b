/** A place in a picture, pixels; x right, y down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The 68 points of a face in the order of Multi-PIE: jaw 0-16 from ear to ear, brows 17-26, nose 27-35, eyes 36-47, outer
 * lips 48-59, inner lips 60-67. "Left" is the picture's.
 */
export type Points = readonly Point[];

/** Where what is among the points. */
export const PARTS = {
  jaw: [0, 17],
  brows: [17, 27],
  nose: [27, 36],
  leftEye: [36, 42],
  rightEye: [42, 48],
  outerLips: [48, 60],
  innerLips: [60, 68],
} as const satisfies Record<string, readonly [number, number]>;

/** The points of one part. */
export function partOf(points: Points, part: keyof typeof PARTS): Points {
  return points.slice(...PARTS[part]);
}

/** The middle of some points. */
export function middleOf(points: Points): Point {
  const sum = points.reduce((s, { x, y }) => ({ x: s.x + x, y: s.y + y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/** The smallest rectangle around some points. */
export function around(points: Points): { x: number; y: number; w: number; h: number } {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y };
}

/** How far the lips are apart: the inner lips' distance at three places, in parts of the mouth's width. */
export function mouthOpening(points: Points): number {
  const apart = [61, 62, 63].map((top) => points[128 - top]!.y - points[top]!.y);
  const left = points[48]!;
  const right = points[54]!;
  return apart.reduce((a, b) => a + b, 0) / 3 / Math.hypot(right.x - left.x, right.y - left.y);
}

/** Which point each becomes when the picture is mirrored. */
const MIRRORED: readonly number[] = [
  ...Array.from({ length: 17 }, (_, i) => 16 - i),
  ...Array.from({ length: 10 }, (_, i) => 26 - i),
  ...[27, 28, 29, 30, 35, 34, 33, 32, 31],
  ...[45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40],
  ...[54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55],
  ...[64, 63, 62, 61, 60, 67, 66, 65],
];

/** Points of a picture of width 1 from the points of its mirror image. */
export function unmirrored(points: Points): Points {
  return MIRRORED.map((from) => ({ x: 1 - points[from]!.x, y: points[from]!.y }));
}
