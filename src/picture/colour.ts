/** How a picture's colours are coded: GStreamer's words for matrix and range, and where chroma samples lie. */
export interface Colour {
  readonly matrix: 'bt601' | 'bt709';
  /** `tv` is 16..235, `pc` is 0..255. */
  readonly range: 'tv' | 'pc';
  /** `centre`: between two columns (JPEG); `left`: on the left one (MPEG-2, H.264's default). */
  readonly siting: 'centre' | 'left';
}

/**
 * How avatars are coded. That is what GStreamer assumes for untagged pictures up to 576 lines, what VP8 always means,
 * what Chromium takes untagged H.264 for, and what WebP stores: the pixels of an avatar pass through no second matrix
 * on their way to the screen. Caps say so, encoders write it down.
 */
export const AVATAR_COLOUR = { matrix: 'bt601', range: 'tv', siting: 'centre' } as const satisfies Colour;

/** `AVATAR_COLOUR` in the words of GStreamer's caps. */
export const AVATAR_COLOUR_CAPS = 'colorimetry=bt601, chroma-site=jpeg';

/** Nine matrix coefficients (rows Y, U, V; columns R, G, B in 0..255) and the three offsets. ITU-R BT.601, BT.709. */
export function rgbToYuv({ matrix, range }: Pick<Colour, 'matrix' | 'range'>): number[] {
  const [kr, kb] = matrix === 'bt601' ? [0.299, 0.114] : [0.2126, 0.0722];
  const kg = 1 - kr - kb;
  const luma = range === 'tv' ? 219 / 255 : 1;
  const chroma = range === 'tv' ? 224 / 255 : 1;
  const u = chroma / (2 * (1 - kb));
  const v = chroma / (2 * (1 - kr));
  return [
    ...[kr * luma, kg * luma, kb * luma],
    ...[-kr * u, -kg * u, (1 - kb) * u],
    ...[(1 - kr) * v, -kg * v, -kb * v],
    ...[range === 'tv' ? 16 : 0, 128, 128],
  ];
}

/** The inverse of `rgbToYuv`: nine coefficients (rows R, G, B; columns Y, U, V) and the same three offsets. */
export function yuvToRgb({ matrix, range }: Pick<Colour, 'matrix' | 'range'>): number[] {
  const [kr, kb] = matrix === 'bt601' ? [0.299, 0.114] : [0.2126, 0.0722];
  const kg = 1 - kr - kb;
  const luma = range === 'tv' ? 255 / 219 : 1;
  const chroma = range === 'tv' ? 255 / 224 : 1;
  const red = 2 * (1 - kr) * chroma;
  const blue = 2 * (1 - kb) * chroma;
  return [
    ...[luma, 0, red],
    ...[luma, (-kb * blue) / kg, (-kr * red) / kg],
    ...[luma, blue, 0],
    ...[range === 'tv' ? 16 : 0, 128, 128],
  ];
}

/** Reads colorimetry and chroma-site of raw video caps; where absent, GStreamer's defaults for that height. */
export function colourOf(fields: {
  height?: unknown;
  colorimetry?: unknown;
  'chroma-site'?: unknown;
}): Colour {
  const high = Number(fields.height) >= 720;
  const colorimetry = typeof fields.colorimetry === 'string' ? fields.colorimetry : high ? 'bt709' : 'bt601';
  // Either a name or range:matrix:transfer:primaries in numbers: range 1 is 0..255, matrix 3 is BT.709.
  const [range, matrix] = colorimetry.split(':');
  const site = fields['chroma-site'] ?? (high ? 'mpeg2' : 'jpeg');
  return {
    matrix: colorimetry === 'bt709' || matrix === '3' ? 'bt709' : 'bt601',
    range: range === '1' ? 'pc' : 'tv',
    siting: site === 'jpeg' || site === 'none' ? 'centre' : 'left',
  };
}
