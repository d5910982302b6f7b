/**
 * The first pass over a video: what is seen in each picture. Nothing of a picture is kept but numbers, 2 kB each.
 */
import {
  around,
  type Face,
  type FaceFinder,
  findParting,
  mouthOpening,
  overlap,
  type Parting,
  type Points,
  type Seen,
} from '../../face/index.js';
import type { Picture } from '../../picture/picture.js';
import type { Footage } from './footage.js';

/** What is seen of the face that is followed. */
export interface FaceSeen {
  readonly points: Points;
  readonly parting: Parting;
  /** Inner lips' distance in parts of the mouth's width; a closed mouth reads .04 to .07. */
  readonly opening: number;
  /** Mean luma between brows and chin, 0..255. */
  readonly light: number;
  /** Fine detail against light: variance of the Laplacian at a face of 112 pixels. */
  readonly detail: number;
}

/** What is seen in one picture. */
export interface Sight {
  /** Undefined where there is none. */
  readonly face: FaceSeen | undefined;
  /** Another face of some size was there. */
  readonly crowd: boolean;
  /** The picture has nothing to do with the one before. */
  readonly cut: boolean;
}

/** Pictures between two searches; in between the points lead on. */
const SEARCH_EVERY = 10;
/** A detector overlooks a face now and then; so often in a row, and it is gone. */
const LOST = 3;
/** A second face counts from this part of the first one's area, and when it is this sure. */
const RIVAL = { area: 0.2, score: 0.7 };

/** Looks at all pictures. `seen` is called after each. */
export async function analyse(
  footage: Footage,
  finder: FaceFinder,
  signal: AbortSignal,
  seen: (count: number) => void,
): Promise<Sight[]> {
  const sights: Sight[] = [];
  let last: Points | undefined;
  let crowd = false;
  const cuts = new CutDetector();
  /** Searches in a row that did not find the face that is followed. */
  let missed = 0;
  for await (const here of footage.shots(signal)) {
    const cut = cuts.next(here.picture);
    if (cut) last = undefined;
    let box = last === undefined ? undefined : around(last);
    if (box === undefined || missed > 0 || sights.length % SEARCH_EVERY === 0) {
      const faces = await finder.faces(here);
      const at = box;
      const [best] = at === undefined ? bySize(faces) : faces.filter((face) => overlap(face.box, at) > 0.2);
      const bestArea = best === undefined ? 0 : best.box.w * best.box.h;
      crowd = faces.some(
        (face) =>
          face !== best && face.score > RIVAL.score && face.box.w * face.box.h > RIVAL.area * bestArea,
      );
      missed = best === undefined && at !== undefined ? missed + 1 : 0;
      box ??= best?.box;
      if (missed === LOST) {
        // It was not there from the first of them on.
        for (let i = 1; i < LOST; i++) sights[sights.length - i] = { face: undefined, crowd, cut: false };
        box = undefined;
        missed = 0;
      }
    }
    last = box === undefined ? undefined : await finder.points(here, box);
    sights.push({ face: last === undefined ? undefined : look(here, last), crowd, cut });
    seen(sights.length);
  }
  return sights;
}

function bySize(faces: readonly Face[]): Face[] {
  return [...faces].sort((a, b) => b.box.w * b.box.h - a.box.w * a.box.h);
}

function look({ picture, colour }: Seen, points: Points): FaceSeen {
  const { light, detail } = measure(picture, around(points));
  const parting = findParting(picture, colour, points);
  return { points, parting, opening: mouthOpening(points), light, detail };
}

/** Light and detail of the luma in a box, sampled at 112 places across. */
function measure(
  { planes: [luma], strides: [stride], width, height }: Picture,
  box: { x: number; y: number; w: number; h: number },
): { light: number; detail: number } {
  const step = Math.max(1, Math.round(box.w / 112));
  const [x0, x1] = [Math.max(step, Math.ceil(box.x)), Math.min(width - step - 1, Math.floor(box.x + box.w))];
  const [y0, y1] = [Math.max(step, Math.ceil(box.y)), Math.min(height - step - 1, Math.floor(box.y + box.h))];
  let [count, sum, edges, squares] = [0, 0, 0, 0];
  for (let y = y0; y <= y1; y += step)
    for (let x = x0; x <= x1; x += step) {
      const at = y * stride + x;
      const here = luma[at]!;
      const lap =
        4 * here -
        luma[at - step]! -
        luma[at + step]! -
        luma[at - step * stride]! -
        luma[at + step * stride]!;
      count++;
      sum += here;
      edges += lap;
      squares += lap * lap;
    }
  if (count === 0) return { light: 0, detail: 0 };
  return { light: sum / count, detail: squares / count - (edges / count) ** 2 };
}

/** Tells when a video jumps to another picture. */
class CutDetector {
  #before: Uint8Array | undefined;
  #usual = 2;

  next({ planes: [luma], strides: [stride], width, height }: Picture): boolean {
    const now = new Uint8Array(32 * 32);
    for (let row = 0; row < 32; row++)
      for (let column = 0; column < 32; column++)
        now[32 * row + column] =
          luma[Math.floor(((row + 0.5) * height) / 32) * stride + Math.floor(((column + 0.5) * width) / 32)]!;
    const before = this.#before;
    this.#before = now;
    if (before === undefined) return false;
    const change = now.reduce((sum, level, i) => sum + Math.abs(level - before[i]!), 0) / now.length;
    const cut = change > 12 && change > 5 * this.#usual;
    if (!cut) this.#usual = 0.9 * this.#usual + 0.1 * Math.max(1, change);
    return cut;
  }
}
