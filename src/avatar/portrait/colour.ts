/**
 * Colours as OKLab triples, so that mixing and shading keep their hue and never go grey or neon.
 *
 * Source of the matrices: Björn Ottosson, "A perceptual color space for image processing" (2020).
 */
export interface Colour {
  /** Lightness, 0 to 1. */
  readonly l: number;
  readonly a: number;
  readonly b: number;
}

const toLinear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const toGamma = (v: number) => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);

/** Reads `#rrggbb`. */
export function hex(text: string): Colour {
  const v = Number.parseInt(text.slice(1), 16);
  const r = toLinear((v >> 16) / 255);
  const g = toLinear(((v >> 8) & 255) / 255);
  const b = toLinear((v & 255) / 255);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {
    l: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    a: 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    b: 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  };
}

/** A colour from lightness (0 to 1), chroma (0 to about 0.3) and hue in degrees. */
export function lch(l: number, chroma: number, hue: number): Colour {
  const h = (hue * Math.PI) / 180;
  return { l, a: chroma * Math.cos(h), b: chroma * Math.sin(h) };
}

/** Goes `t` (0 to 1) of the way from one colour to another. */
export function mix(from: Colour, to: Colour, t: number): Colour {
  return {
    l: from.l + (to.l - from.l) * t,
    a: from.a + (to.a - from.a) * t,
    b: from.b + (to.b - from.b) * t,
  };
}

/** Moves lightness, chroma and hue (degrees) of a colour. */
export function shift(colour: Colour, lightness: number, chroma = 0, hue = 0): Colour {
  const c = Math.max(0, Math.hypot(colour.a, colour.b) + chroma);
  const h = (Math.atan2(colour.b, colour.a) * 180) / Math.PI + hue;
  return lch(Math.min(1, Math.max(0, colour.l + lightness)), c, h);
}

/** Writes `#rrggbb`, clipped to sRGB. */
export function css({ l: L, a, b }: Colour): string {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const byte = (v: number) => Math.round(255 * Math.min(1, Math.max(0, toGamma(Math.max(0, v)))));
  return `#${rgb.map((v) => byte(v).toString(16).padStart(2, '0')).join('')}`;
}
