import type { Person } from './person.js';
import type { Point } from './svg.js';

/**
 * A patch of hair: guide hairs from one side of the patch to the other, each from root to tip, all with the same
 * number of points. Single hairs are drawn between the guides.
 */
export interface Lock {
  readonly guides: readonly (readonly Point[])[];
  /** Where along the hair the light band lies, 0 root to 1 tip; none when absent. */
  readonly sheen?: readonly [from: number, to: number];
  readonly hairs?: number;
}

export interface Cut {
  /** Mass behind head and neck, drawn first; head-local outline. */
  readonly back?: readonly Point[];
  /** Patches over the head, back to front. */
  readonly locks: readonly Lock[];
  /** Curly mass instead of smooth locks: outline points to set curls on. */
  readonly curls?: { readonly centres: readonly Point[]; readonly size: number };
  /** Very short hair is a tint with a soft edge. */
  readonly stubble?: boolean;
}

const mirror = (points: readonly Point[]): Point[] => points.map(([x, y]): Point => [-x, y]);

/** Hair that falls to both sides of a part and frames the face down to `hem`. `close` is how far it comes over the cheek. */
function framing(person: Person, hem: number, { close = 4, flare = 0, wave = 0, brow = -70 } = {}): Lock[] {
  const { part: p, volume: v } = person.hair;
  const w = person.face.cheek;
  const long = hem - 10;
  const fall = (s: number, x: number, grow: number): Point[] =>
    [0.2, 0.42, 0.62, 0.82, 1].map((t, i): Point => {
      const ripple = wave * Math.sin(t * 9 + (s > 0 ? 0.6 : 0)) * Math.min(1, t * 2);
      return [s * (x + grow * t * t) + ripple, 10 + long * t + (i === 4 ? (grow > 0 ? 4 : -6) : 0)];
    });
  const inner = (s: number): Point[] => {
    const run = s * w - p;
    return [
      [p, -126],
      [p + run * 0.36, s === Math.sign(p) || p === 0 ? -106 : -110],
      [p + run * 0.72, brow],
      [s * (w - close * 0.4), -30],
      ...fall(s, w - close, -flare * 0.4 - 8 * Math.min(1, long / 140)),
    ];
  };
  const outer = (s: number): Point[] => {
    const x = w + 20 * v;
    return [
      [p - s * 3, -150 - 5 * v],
      [p + (s * 62 - p) * 0.7, -151 - 6 * v],
      [s * (w * 0.92 + 6 * v), -112],
      [s * (x - 1), -46],
      ...fall(s, x + 1, flare - 14 * Math.min(1, long / 160)),
    ];
  };
  const order = p >= 0 ? [1, -1] : [-1, 1]; // the longer side lies over the shorter
  return order.map((s): Lock => ({ guides: [inner(s), outer(s)], sheen: [0.2, 0.42], hairs: 64 }));
}

/** The mass behind the neck that goes with `framing`. */
function behind(person: Person, hem: number, flare: number): Point[] {
  const x = person.face.cheek + 20 * person.hair.volume;
  const half: Point[] = [
    [70, -140],
    [x - 8, -90],
    [x, -20],
    [x + flare * 0.4, hem * 0.55],
    [x + flare - 16, hem],
    [x * 0.5, hem + 8],
  ];
  return [[0, -158], ...half, [0, hem + 6], ...mirror(half).reverse()];
}

/** Short hair combed from the hairline up and back; `up` is how far it stands. */
function combed(person: Person, up: number, { side = 14, line = -100, lean = 0 } = {}): Lock {
  const w = person.face.cheek;
  const half = (s: number): Point[][] => [
    [
      [s * (w - 3), 26],
      [s * (w + side * 0.5), -4],
      [s * (w + side * 0.55), -40],
    ],
    [
      [s * (w - 4), -34],
      [s * (w + side * 0.5), -58],
      [s * (w + side * 0.2), -88],
    ],
    [
      [s * (w * 0.8), line + 30],
      [s * (w * 0.9) + lean * 0.3, -112],
      [s * (w * 0.78) + lean * 0.5, -126 - up * 0.4],
    ],
    [
      [s * (w * 0.48), line + 6],
      [s * (w * 0.54) + lean * 0.6, -132 - up * 0.4],
      [s * (w * 0.42) + lean, -146 - up * 0.85],
    ],
  ];
  return {
    guides: [
      ...half(-1),
      [
        [0, line],
        [lean * 0.6, -138 - up * 0.5],
        [lean, -150 - up],
      ],
      ...half(1).reverse(),
    ],
    sheen: [0.35, 0.75],
    hairs: 110,
  };
}

function ring(rx: number, ry: number, cy: number, from: number, to: number, count: number): Point[] {
  return Array.from({ length: count }, (_, i): Point => {
    const a = ((from + ((to - from) * i) / (count - 1)) * Math.PI) / 180;
    return [Math.sin(a) * rx, cy - Math.cos(a) * ry];
  });
}

/** The cut of a person's hair. */
export function cut(person: Person): Cut {
  const { style, volume: v, part } = person.hair;
  const w = person.face.cheek;
  switch (style) {
    case 'lob':
      return { back: behind(person, 168, 4), locks: framing(person, 172, { close: 7, flare: 2 }) };
    case 'bob':
      return { back: behind(person, 112, 10), locks: framing(person, 112, { close: 9, flare: 12 }) };
    case 'long':
      return { back: behind(person, 230, 6), locks: framing(person, 300, { close: 6, flare: 10 }) };
    case 'waves':
      return { back: behind(person, 220, 16), locks: framing(person, 262, { close: 6, flare: 26, wave: 6 }) };
    case 'fringe': {
      const bangs: Lock = {
        guides: [-1, -0.5, 0, 0.5, 1].map((k): Point[] => [
          [k * 30, -150],
          [k * 74, -118],
          [k * (w - 7), -74 + 16 * k * k],
          [k * (w - 5), -43 + 26 * k * k * k * k],
        ]),
        sheen: [0.25, 0.55],
        hairs: 90,
      };
      return {
        back: behind(person, 150, 4),
        locks: [...framing({ ...person, hair: { ...person.hair, part: 0 } }, 152, { close: 8 }), bangs],
      };
    }
    case 'pixie':
      return { locks: [combed(person, 8 * v), ...framing(person, 16, { close: 1, brow: -62 })] };
    case 'bun':
      return {
        back: ring(34 * v, 30 * v, -168, 0, 340, 14),
        locks: [combed(person, 4, { side: 10, line: -102 })],
      };
    case 'ponytail':
      return {
        back: [
          [30, -120],
          [70, -90],
          [w + 24, 0],
          [w + 30, 90],
          [w + 14, 190],
          [w - 18, 236],
          [40, 180],
          [10, 0],
        ],
        locks: [combed(person, 6 * v, { side: 12 })],
      };
    case 'afro': {
      const [rx, ry] = [w + 40 * v, 128 + 20 * v];
      return {
        locks: [],
        curls: {
          centres: [
            ...ring(rx, ry, -52, -118, 118, 25),
            ...ring(rx - 22, ry - 22, -50, -108, 108, 21),
            ...ring(w - 6, 66, -50, -78, 78, 13),
            ...ring(rx - 34, ry - 42, -50, -96, 96, 19),
          ],
          size: 20,
        },
      };
    }
    case 'curls':
      return {
        locks: [combed(person, 4)],
        curls: {
          centres: [
            ...ring(w + 10 * v, 116, -44, -88, 88, 19),
            ...ring(w - 8, 92, -42, -76, 76, 15),
            ...ring(w - 20, 66, -46, -62, 62, 9),
          ],
          size: 15,
        },
      };
    case 'parted':
      return {
        locks: [
          combed(person, 2),
          ...framing(
            {
              ...person,
              hair: { ...person.hair, part: Math.sign(part || 1) * Math.max(22, Math.abs(part)) },
            },
            -6,
            { close: 0, brow: -84 },
          ),
        ],
      };
    case 'quiff':
      return { locks: [combed(person, 30 * v, { lean: Math.sign(part || 1) * 14, side: 10 })] };
    case 'swept':
      return { locks: [combed(person, 16 * v, { lean: Math.sign(part || 1) * 30, side: 13, line: -96 })] };
    case 'crop':
      return { locks: [combed(person, 4 * v, { side: 9, line: -90 })] };
    case 'buzz':
      return { locks: [combed(person, -6, { side: 4, line: -96 })], stubble: true };
    case 'bald':
      return { locks: [] };
  }
}
