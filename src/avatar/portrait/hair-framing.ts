import type { Lock } from './hair-styles.js';
import type { Person } from './person.js';
import { type Point, towards } from './svg.js';

/** A point of the hair's outer outline over the head; 0 is the crown, 90 above the right ear. */
export function crown(person: Person, degrees: number, inset = 0): Point {
  const a = (degrees * Math.PI) / 180;
  const { volume: v } = person.hair;
  return [Math.sin(a) * (person.face.cheek + 22 * v - inset), -44 - Math.cos(a) * (102 + 10 * v - inset)];
}

/** How hair falls from the temples down. */
export interface Fall {
  /** How far it comes over the cheek, how far it spreads (or, below 0, tucks in) at the hem. */
  readonly close?: number;
  readonly flare?: number;
  /** Reach of its waves. */
  readonly wave?: number;
  /** Height of the hairline above the outer end of the brow. */
  readonly brow?: number;
}

const STEPS = 8;
const ROOTS = 4;

/** Hair that falls to both sides of a part and frames the face down to `hem`. */
export function framing(
  person: Person,
  hem: number,
  { close = 4, flare = 0, wave = 0, brow = -80 }: Fall = {},
): Lock[] {
  const p = person.hair.part;
  const w = person.face.cheek;
  const rx = w + 22 * person.hair.volume;
  const grown = Math.min(1, Math.max(0, (hem - 40) / 100));
  const from = (Math.asin(p / rx) * 180) / Math.PI;
  const fall = (s: number, x: number, bow: number, end: number, drop: number): Point[] =>
    Array.from({ length: STEPS }, (_, i): Point => {
      const t = (i + 1) / STEPS;
      const swing = wave * Math.sin(t * 8.4 - 0.9 + (s > 0 ? 0.5 : 0)) * Math.min(1, t * 1.6);
      return [s * (x + bow * Math.sin(Math.PI * t) + end * t ** 3 + swing), -40 + (hem + 40 + drop) * t];
    });
  const inner = (s: number): Point[] => {
    const run = s * w - p;
    return [
      [p, -114],
      [p + run * 0.34, -105],
      [p + run * 0.72, brow],
      [s * (w - close * 0.6), -52],
      ...fall(s, w - close * 0.8, -close * 0.4 * grown, flare * 0.5 - 24 * grown, 8 * grown),
    ];
  };
  const outer = (s: number): Point[] => [
    ...[0, 0.36, 0.7, 1].map((t) => crown(person, from + (s * 90 - from) * t)),
    ...fall(s, rx + 1, 8 * grown, flare - 14 * grown, -6 * grown),
  ];
  const order = p >= 0 ? [1, -1] : [-1, 1]; // the longer side lies over the shorter
  return order.flatMap((s): Lock[] => {
    const [a, b] = [inner(s), outer(s)];
    return [{ guides: [a, b], hairs: 76 }, ...(grown > 0.4 ? clumps(a, b, 5, s, wave) : [])];
  });
}

/** Strands that part from the mass below the temples, the one next to the face on top; each ends in a point. */
function clumps(
  inner: readonly Point[],
  outer: readonly Point[],
  count: number,
  side: number,
  wave: number,
): Lock[] {
  return Array.from({ length: count }, (_, k): Lock => {
    const n = count - 1 - k;
    const line = (share: number) =>
      inner.map((q, i): Point => {
        const t = Math.max(0, (i - ROOTS + 1) / STEPS);
        const middle = (n + 0.5) / count;
        // clumps narrow towards their tips and sway a little out of step
        const at = middle + (share - middle) * (1 - 0.55 * t ** 3);
        const [x, y] = towards(q, outer[i]!, at);
        return [
          x + side * (1 + wave * 0.35) * t * Math.sin(t * 7 + n * 2.1),
          y + t ** 3 * ((n * 37) % 11) * 0.7 - t ** 3 * 4,
        ];
      });
    return {
      guides: [line(Math.max(0, n / count - 0.05)), line(Math.min(1, (n + 1) / count + 0.05))],
      hairs: 16,
      clump: true,
    };
  });
}

/** The mass behind the neck that goes with `framing`. */
export function behind(person: Person, hem: number, flare: number): Point[] {
  const x = person.face.cheek + 22 * person.hair.volume - 3;
  const top = [-75, -50, -25, 0, 25, 50, 75].map((a) => crown(person, a, 3));
  const half: Point[] = [
    [x, -20],
    [x + flare * 0.3, hem * 0.55],
    [x + flare - 18, hem],
    [x * 0.5, hem + 8],
  ];
  return [...top, ...half, [0, hem + 6], ...mirror(half).reverse()];
}

/** Points mirrored on the face's axis. */
export const mirror = (points: readonly Point[]): Point[] => points.map(([x, y]): Point => [-x, y]);

/** The line where the hair is parted, from the hairline to the crown. */
export function parting(person: Person): Point[] {
  const p = person.hair.part;
  const top = crown(person, (Math.asin(p / (person.face.cheek + 22 * person.hair.volume)) * 180) / Math.PI);
  return [
    [p, -114],
    [p + (top[0] - p) * 0.4, -114 + (top[1] + 114) * 0.5],
    [top[0], top[1] + 6],
  ];
}
