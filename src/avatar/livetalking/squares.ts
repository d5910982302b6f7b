import { FaceFinder, mouthOpening, overlap } from '../../face/index.js';
import { AVATAR_COLOUR } from '../../picture/colour.js';
import { pictureIn, rgbPicture } from '../../picture/picture.js';
import { quantile, smooth } from '../create/series.js';
import { LIPS_AT, LIPS_TO_CHIN, lipsOf } from '../create/track.js';
import type { BoxRow } from '../package.js';
import type { Kind } from './boxes.js';
import { rgbOf } from './pictures.js';

/** Where the mouth lies in another model's box, in parts of the box. */
export interface MouthPlace {
  /** Middle of the lips, from the left and from the top. */
  readonly x: number;
  readonly y: number;
  /** Side of the default model's square, of the box's height. */
  readonly side: number;
}

/** Pictures that are looked at. */
const LOOKED_AT = 24;
/** A face that was found is the box's when they share this much of what both cover. */
const SAME = 0.25;

/**
 * Looks at some pictures, and says where the mouth is in the boxes; undefined when it is found in less than half of them.
 * Of those the ones with the most closed mouth count, for a chin goes down with the jaw.
 */
export async function findMouth(
  images: readonly string[],
  boxes: readonly BoxRow[],
  { width, height }: { width: number; height: number },
): Promise<MouthPlace | undefined> {
  const finder = await FaceFinder.open();
  try {
    const seen: (MouthPlace & { opening: number })[] = [];
    const step = Math.max(1, Math.floor(images.length / LOOKED_AT));
    let looked = 0;
    for (let n = 0; n < images.length; n += step) {
      looked++;
      // Whoever writes the pictures says what is wrong with one.
      const rgb = await rgbOf(images[n]!, { width, height }).catch(() => undefined);
      if (rgb === undefined) continue;
      const look = {
        picture: pictureIn(rgbPicture(rgb, width, height), width, height),
        colour: AVATAR_COLOUR,
      };
      const [x, y, w, h] = boxes[n]!;
      const face = (await finder.faces(look)).find(({ box }) => overlap(box, { x, y, w, h }) > SAME);
      if (face === undefined) continue;
      const points = await finder.points(look, face.box);
      const lips = lipsOf(points);
      const side = (points[8]!.y - lips.y) / LIPS_TO_CHIN / h;
      seen.push({ x: (lips.x - x) / w, y: (lips.y - y) / h, side, opening: mouthOpening(points) });
    }
    if (seen.length < looked / 2) return undefined;
    const closed = quantile(
      seen.map(({ opening }) => opening),
      0.33,
    );
    const calm = seen.filter(({ opening }) => opening <= closed);
    const median = (of: (place: MouthPlace) => number) => quantile(calm.map(of), 0.5);
    return { x: median(({ x }) => x), y: median(({ y }) => y), side: median(({ side }) => side) };
  } finally {
    await finder.close();
  }
}

/** Where it lies on most faces, for pictures in which nothing is found. */
export const USUAL: Readonly<Record<Kind, MouthPlace>> = {
  // A detector's face, from the forehead to ten pixels below the chin.
  wav2lip: { x: 0.5, y: 0.75, side: 0.88 },
  // As much above the bridge of the nose as there is below it, down to ten pixels below the chin.
  musetalk: { x: 0.5, y: 0.73, side: 1 },
  // A square as wide as the face, from the brows down.
  ultralight: { x: 0.5, y: 0.63, side: 1 },
};

/** Frames; a head moves slower. Detectors give whole pixels, and a mouth that snaps to those trembles. */
const SIGMA = 2;

/** The default model's squares, for boxes of another model: they glide. */
export function squaresOf(boxes: readonly BoxRow[], place: MouthPlace): BoxRow[] {
  const column = (of: (box: BoxRow) => number) => smooth(boxes.map(of), SIGMA);
  const xs = column(([x, , w]) => x + place.x * w);
  const ys = column(([, y, , h]) => y + place.y * h);
  const sides = column(([, , , h]) => place.side * h);
  return boxes.map((_, n) => {
    const side = sides[n]!;
    return [xs[n]! - side / 2, ys[n]! - LIPS_AT * side, side, side];
  });
}
