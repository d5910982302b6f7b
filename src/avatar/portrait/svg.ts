/** The few SVG words the portrait needs: points, smooth curves, shapes, soft layers. */
export type Point = readonly [x: number, y: number];

/** Three decimals: enough that a slow head sway moves every edge by fractions of a pixel. */
export const num = (v: number): string => String(Math.round(v * 1000) / 1000);
const pair = ([x, y]: Point) => `${num(x)} ${num(y)}`;

/** A smooth curve through all points (uniform Catmull-Rom as cubic Béziers). */
export function curve(points: readonly Point[], closed = false): string {
  const n = points.length;
  const at = (i: number): Point => points[closed ? (i + n) % n : Math.min(n - 1, Math.max(0, i))]!;
  let d = `M${pair(at(0))}`;
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const [p0, p1, p2, p3] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    const c1: Point = [p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6];
    const c2: Point = [p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6];
    d += `C${pair(c1)} ${pair(c2)} ${pair(p2)}`;
  }
  return closed ? `${d}Z` : d;
}

/** A closed shape between two smooth edges that run the same way; its ends stay sharp. */
export function between(edge: readonly Point[], other: readonly Point[]): string {
  return `${curve(edge)}L${curve([...other].reverse()).slice(1)}Z`;
}

/** Points spread evenly (by parameter) on the smooth curve through `points`. */
export function sample(points: readonly Point[], count: number): Point[] {
  const n = points.length;
  const at = (i: number): Point => points[Math.min(n - 1, Math.max(0, i))]!;
  return Array.from({ length: count }, (_, k) => {
    const u = (k / (count - 1)) * (n - 1);
    const i = Math.min(n - 2, Math.floor(u));
    const t = u - i;
    const axis = (j: 0 | 1) => {
      const [a, b, c, d] = [at(i - 1)[j], at(i)[j], at(i + 1)[j], at(i + 2)[j]];
      return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    };
    return [axis(0), axis(1)] as const;
  });
}

/** Linear mix of two points. */
export const towards = (p: Point, q: Point, t: number): Point => [
  p[0] + (q[0] - p[0]) * t,
  p[1] + (q[1] - p[1]) * t,
];

/** A filled path. */
export const fill = (d: string, paint: string, opacity = 1): string =>
  `<path d="${d}" fill="${paint}"${opacity < 1 ? ` opacity="${num(opacity)}"` : ''}/>`;

/** A stroked path with round ends. */
export const stroke = (d: string, paint: string, width: number, opacity = 1): string =>
  `<path d="${d}" fill="none" stroke="${paint}" stroke-width="${num(width)}" stroke-linecap="round" stroke-linejoin="round"${
    opacity < 1 ? ` opacity="${num(opacity)}"` : ''
  }/>`;

/** An ellipse, turned by `turn` degrees about its centre. */
export const ellipse = (
  [x, y]: Point,
  rx: number,
  ry: number,
  paint: string,
  opacity = 1,
  turn = 0,
): string =>
  `<ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(rx)}" ry="${num(ry)}" fill="${paint}"${
    opacity < 1 ? ` opacity="${num(opacity)}"` : ''
  }${turn ? ` transform="rotate(${num(turn)} ${num(x)} ${num(y)})"` : ''}/>`;

/** Colour stops of a gradient: offset 0 to 1, paint, opacity. */
export type Stops = readonly (readonly [offset: number, paint: string, opacity?: number])[];

/**
 * Collects definitions (gradients, clips, blurs) and hands out their `url(#…)`.
 * Names are counted per picture, so that equal calls give equal text.
 */
export class Definitions {
  #list: string[] = [];

  #add(make: (id: string) => string): string {
    const id = `d${this.#list.length}`;
    this.#list.push(make(id));
    return id;
  }

  #stops(stops: Stops): string {
    return stops
      .map(
        ([o, paint, op]) => `<stop offset="${num(o)}" stop-color="${paint}" stop-opacity="${num(op ?? 1)}"/>`,
      )
      .join('');
  }

  linear(from: Point, to: Point, stops: Stops): string {
    const id = this.#add(
      (name) =>
        `<linearGradient id="${name}" gradientUnits="userSpaceOnUse" x1="${num(from[0])}" y1="${num(from[1])}" x2="${num(to[0])}" y2="${num(to[1])}">${this.#stops(stops)}</linearGradient>`,
    );
    return `url(#${id})`;
  }

  radial([x, y]: Point, r: number, stops: Stops): string {
    const id = this.#add(
      (name) =>
        `<radialGradient id="${name}" gradientUnits="userSpaceOnUse" cx="${num(x)}" cy="${num(y)}" r="${num(r)}">${this.#stops(stops)}</radialGradient>`,
    );
    return `url(#${id})`;
  }

  /** Wraps content so that it is seen only inside the path. */
  clipped(d: string, content: string): string {
    const id = this.#add((name) => `<clipPath id="${name}"><path d="${d}"/></clipPath>`);
    return `<g clip-path="url(#${id})">${content}</g>`;
  }

  /**
   * Wraps content in a Gaussian blur of `deviation` design pixels.
   * The blurred region is computed here: the default one ignores stroke widths, the whole canvas is ten times slower.
   * Blurred as sRGB: the default, linear light in 8 bits, shows steps in dark colours.
   */
  soft(deviation: number, content: string): string {
    const [x0, y0, x1, y1] = extent(content);
    if (x1 < x0) return '';
    const pad = 3 * deviation;
    const [x, y] = [Math.floor(x0 - pad), Math.floor(y0 - pad)];
    const id = this.#add(
      (name) =>
        `<filter id="${name}" filterUnits="userSpaceOnUse" x="${x}" y="${y}" width="${Math.ceil(x1 + pad) - x}" height="${Math.ceil(y1 + pad) - y}" color-interpolation-filters="sRGB"><feGaussianBlur stdDeviation="${num(deviation)}"/></filter>`,
    );
    return `<g filter="url(#${id})">${content}</g>`;
  }

  toString(): string {
    return `<defs>${this.#list.join('')}</defs>`;
  }
}

/** The box around all paths and ellipses of some SVG text, strokes included. */
function extent(content: string): [x0: number, y0: number, x1: number, y1: number] {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  const grow = (x: number, y: number, rx = 0, ry = rx) => {
    x0 = Math.min(x0, x - rx);
    x1 = Math.max(x1, x + rx);
    y0 = Math.min(y0, y - ry);
    y1 = Math.max(y1, y + ry);
  };
  for (const [, d = '', width = '0'] of content.matchAll(
    / d="([^"]*)"[^>]*?(?:stroke-width="([\d.]+)"|\/>)/g,
  )) {
    const half = Number(width) / 2;
    for (const [, x, y] of d.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)) grow(Number(x), Number(y), half);
  }
  for (const [, x, y, rx, ry] of content.matchAll(
    /cx="([-\d.]+)" cy="([-\d.]+)" rx="([\d.]+)" ry="([\d.]+)"/g,
  )) {
    const r = Math.max(Number(rx), Number(ry)); // may be turned
    grow(Number(x), Number(y), r);
  }
  return [x0, y0, x1, y1];
}
