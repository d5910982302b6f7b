import { behind, framing, parting } from './hair-framing.js';
import type { Person } from './person.js';
import type { Point } from './svg.js';

/**
 * A patch of hair: guide hairs from one side of the patch to the other, each from root to tip, all with the same
 * number of points. Single hairs are drawn between the guides.
 */
export interface Lock {
  readonly guides: readonly (readonly Point[])[];
  readonly hairs?: number;
  /** A strand that parts from the mass: its edges show only below the temples. */
  readonly clump?: boolean;
  /** Lies over everything else, light included: a fringe. */
  readonly over?: boolean;
}

/** A haircut, as drawing needs it. */
export interface Cut {
  /** Mass behind head and neck, drawn first; head-local outline. */
  readonly back?: readonly Point[];
  /** Patches over the head, back to front. */
  readonly locks: readonly Lock[];
  /** Curly mass instead of smooth locks: outline points to set curls on. */
  readonly curls?: { readonly centres: readonly Point[]; readonly size: number };
  /** The line of the scalp where the hair is parted. */
  readonly part?: readonly Point[];
  /** Hair wound up behind the crown. */
  readonly knot?: { readonly centre: Point; readonly rx: number; readonly ry: number };
  /** Very short hair is a tint with a soft edge. */
  readonly stubble?: boolean;
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
      return {
        part: parting(person),
        back: behind(person, 166, 2),
        locks: framing(person, 176, { close: 6, flare: 6, wave: 6, brow: -74 }),
      };
    case 'bob':
      return {
        part: parting(person),
        back: behind(person, 112, 10),
        locks: framing(person, 112, { close: 9, flare: 12 }),
      };
    case 'long':
      return {
        part: parting(person),
        back: behind(person, 230, 6),
        locks: framing(person, 300, { close: 6, flare: 10 }),
      };
    case 'waves':
      return {
        part: parting(person),
        back: behind(person, 220, 16),
        locks: framing(person, 262, { close: 6, flare: 24, wave: 9 }),
      };
    case 'fringe': {
      const bangs: Lock = {
        guides: [-1, -0.5, 0, 0.5, 1].map((k): Point[] => [
          [k * 30, -150],
          [k * 74, -118],
          [k * (w - 7), -74 + 16 * k * k],
          [k * (w - 5), -43 + 26 * k * k * k * k],
        ]),
        hairs: 90,
        over: true,
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
        knot: { centre: [0, -160 - 6 * v], rx: 40 * v, ry: 30 * v },
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
      const [rx, ry] = [w + 24 * v, 104 + 16 * v];
      const rings = [0, 20, 40].map((inset) => ring(rx - inset, ry - inset, -50, -116, 116, 27 - inset / 4));
      const hairline = ring(w - 4, 60, -50, -82, 82, 15);
      const top = ring(w - 22, 74, -52, -60, 60, 11);
      return {
        locks: [combed(person, 0)],
        curls: {
          centres: [...rings.flat(), ...top, ...hairline].filter(
            ([x, y]) => (x / (w + 6)) ** 2 + ((y + 14) / 76) ** 2 > 1,
          ),
          size: 19,
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
          combed(person, -2, { line: -113, side: 8 }),
          ...framing(
            {
              ...person,
              hair: {
                ...person.hair,
                volume: 0.5 * v,
                part: Math.sign(part || 1) * Math.max(24, Math.abs(part)),
              },
            },
            -14,
            { close: -2, brow: -84, flare: -8 },
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
