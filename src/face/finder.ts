import { type Net, WorkerPool } from '../inference/index.js';
import type { Colour } from '../picture/colour.js';
import { type Box, cropPicture, type Picture } from '../picture/picture.js';
import { writeBuiltin } from './builtin.js';
import { DETECTOR_SIZE, type Found, readGrid } from './nets/detector.js';
import { POINTS_SIZE } from './nets/points.js';
import { type Points, unmirrored } from './points.js';
import { readYunet, yunet, yunetInput } from './yunet.js';

/** A face in a picture. */
export interface Face {
  /** From the brows to the chin, pixels. */
  readonly box: Box;
  /** How sure that is, 0..1. */
  readonly score: number;
}

/** An I420 picture, and how its colours are coded. */
export interface Seen {
  readonly picture: Picture;
  readonly colour: Colour;
}

/** How to look. */
export interface FinderOptions {
  /** A YuNet as ONNX; default the detector that comes with the package. */
  readonly detector?: string;
  /** Threads; default 2. */
  readonly workers?: number;
}

/** Boxes that share more than this of what both cover are one face. */
const SAME = 0.3;
/** The second look is taken at a square of so many sides of the picture; beyond the picture its edge repeats. */
const AROUND = 1.7;
/** Faces below this score are noise. */
const LEAST = 0.5;
/** The crop shown to the net of points, against the larger side of the points' own rectangle. */
const ROOM = 1.1;
/** The net sees points too high by this part of its crop: 0.8 % of the mouth box of ava and max, whose truth is known. */
const HIGH = 0.0115;

/** Finds faces and their points, in threads of its own. */
export class FaceFinder {
  readonly #pool: WorkerPool;
  readonly #faces: (seen: Seen, square: Box) => Promise<Found[]>;
  readonly #points: (crop: Uint8Array) => Promise<Float32Array>;

  private constructor(
    pool: WorkerPool,
    faces: (seen: Seen, square: Box) => Promise<Found[]>,
    points: (crop: Uint8Array) => Promise<Float32Array>,
  ) {
    this.#pool = pool;
    this.#faces = faces;
    this.#points = points;
  }

  /**
   * Makes both nets ready, in about a second.
   * @throws TalkError resource/not-found, stream/format (a detector that is none), library/init
   */
  static async open({ detector, workers = 2 }: FinderOptions = {}): Promise<FaceFinder> {
    const pool = new WorkerPool({ workers });
    const files = await writeBuiltin();
    try {
      const points = await pool.load(files.points);
      const faces = await (detector === undefined ? tiny(pool, files.detector) : given(pool, detector));
      return new FaceFinder(pool, faces, async (face) => {
        const { points: found } = await points.infer({ inputs: { face } });
        return found as Float32Array;
      });
    } catch (error) {
      await pool.close();
      throw error;
    } finally {
      await files.remove();
    }
  }

  /** The faces in a picture, the surest first. One that fills it is only found with some room around. */
  async faces(seen: Seen): Promise<Face[]> {
    const { width, height } = seen.picture;
    const side = Math.max(width, height);
    const found = await this.#look(seen, { x: 0, y: 0, w: side, h: side });
    if (found.length > 0) return found;
    const [x, y] = [(width - AROUND * side) / 2, (height - AROUND * side) / 2];
    return this.#look(seen, { x, y, w: AROUND * side, h: AROUND * side });
  }

  async #look(seen: Seen, square: Box): Promise<Face[]> {
    const found = (await this.#faces(seen, square)).sort((a, b) => b.score - a.score);
    const kept: Face[] = [];
    for (const { box, score } of found) {
      const { x, y, w: side } = square;
      const scaled = { x: x + box.x * side, y: y + box.y * side, w: box.w * side, h: box.h * side };
      if (kept.every((other) => overlap(other.box, scaled) < SAME)) kept.push({ box: scaled, score });
    }
    return kept;
  }

  /**
   * The 68 points of the face within `box`, a detector's or the rectangle around the points of the picture before.
   * The net is asked twice, for the picture and its mirror image: it sees faces 1 % too far left.
   */
  async points({ picture, colour }: Seen, box: Box): Promise<Points> {
    const side = Math.max(box.w, box.h) * ROOM;
    const square = { x: box.x + (box.w - side) / 2, y: box.y + (box.h - side) / 2, w: side, h: side };
    const crop = cropPicture(picture, square, POINTS_SIZE, 'RGB', colour);
    const [plain, turned] = await Promise.all([
      this.#points(crop),
      this.#points(mirrored(crop, POINTS_SIZE)),
    ]);
    const other = unmirrored(pairs(turned));
    return pairs(plain).map(({ x, y }, i) => ({
      x: square.x + ((x + other[i]!.x) / 2) * side,
      y: square.y + ((y + other[i]!.y) / 2 + HIGH) * side,
    }));
  }

  /** Ends its threads. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}

async function tiny(pool: WorkerPool, net: Net) {
  const model = await pool.load(net);
  return async ({ picture, colour }: Seen, square: Box): Promise<Found[]> => {
    const face = cropPicture(picture, square, DETECTOR_SIZE, 'RGB', colour);
    const { grid } = await model.infer({ inputs: { face } });
    return readGrid(grid as Float32Array, LEAST);
  };
}

async function given(pool: WorkerPool, file: string) {
  const { net, size } = await yunet(file);
  const model = await pool.load(net);
  return async ({ picture, colour }: Seen, square: Box): Promise<Found[]> => {
    const planes = yunetInput(cropPicture(picture, square, size, 'BGR', colour));
    return readYunet(await model.infer({ inputs: { planes } }), size, LEAST);
  };
}

/** What two boxes share, of what both cover. */
export function overlap(a: Box, b: Box): number {
  const w = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const h = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (w <= 0 || h <= 0) return 0;
  return (w * h) / (a.w * a.h + b.w * b.h - w * h);
}

function pairs(numbers: Float32Array): Points {
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    x: numbers[2 * i]!,
    y: numbers[2 * i + 1]!,
  }));
}

/** A square of 3-byte pixels, left and right exchanged. */
function mirrored(pixels: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(pixels.length);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      for (let c = 0; c < 3; c++)
        out[3 * (row * size + column) + c] = pixels[3 * (row * size + size - 1 - column) + c]!;
  return out;
}
