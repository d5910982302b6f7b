import { TalkError } from '../../element/error.js';
import type { BoxRow } from '../package.js';

/** Models that LiveTalking makes avatars for. */
export const KINDS = ['wav2lip', 'musetalk', 'ultralight'] as const;
export type Kind = (typeof KINDS)[number];

/** A box by its edges, pixels. */
interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Each model has an order of its own for the four numbers of `coords.pkl`. */
const ORDERS: Readonly<Record<Kind, (row: readonly number[]) => Edges>> = {
  wav2lip: ([top = 0, bottom = 0, left = 0, right = 0]) => ({ left, top, right, bottom }),
  musetalk: ([left = 0, top = 0, right = 0, bottom = 0]) => ({ left, top, right, bottom }),
  ultralight: ([left = 0, top = 0, right = 0, bottom = 0]) => ({ left, top, right, bottom }),
};

/** Of an Ultralight crop of 168 pixels the model sees and paints the inner 160. */
const INSET = 4 / 168;

/** What a `coords.pkl` says. */
export interface Found {
  /** A box for each frame; one without a face has that of its neighbours. */
  readonly boxes: readonly BoxRow[];
  /** Frames in which LiveTalking found no face. */
  readonly without: readonly number[];
}

/**
 * The boxes of a `coords.pkl`: what the model is shown, and where its picture goes.
 * @throws TalkError stream/format when they cannot be boxes of pictures of that size
 */
export function boxesOf(
  kind: Kind,
  rows: readonly (readonly number[])[],
  { width, height, file }: { width: number; height: number; file: string },
): Found {
  const found = rows.map((row, n): BoxRow | undefined => {
    if (row.every((value) => value === 0)) return undefined;
    const { left, top, right, bottom } = ORDERS[kind](row);
    const inside = right > 0 && bottom > 0 && left < width && top < height;
    if (right - left >= 8 && bottom - top >= 8 && inside) {
      const inset = kind === 'ultralight' ? INSET : 0;
      const [w, h] = [right - left, bottom - top];
      return [left + inset * w, top + inset * h, w * (1 - 2 * inset), h * (1 - 2 * inset)];
    }
    throw new TalkError(
      'stream/format',
      `${file}: row ${n}, [${row.join(', ')}], is no box in a picture of ${width}x${height} for ${kind}, which has ` +
        `${kind === 'wav2lip' ? 'top, bottom, left, right' : 'left, top, right, bottom'}. Was it made for another model ("--model")?`,
      { details: { file, row: n } },
    );
  });
  const known = found.flatMap((box, n) => (box === undefined ? [] : [n]));
  if (known.length === 0)
    throw new TalkError('stream/format', `${file}: there is no face in any frame.`, { details: { file } });
  const nearest = (n: number) => known.reduce((best, k) => (Math.abs(k - n) < Math.abs(best - n) ? k : best));
  return {
    boxes: found.map((box, n) => box ?? found[nearest(n)]!),
    without: found.flatMap((box, n) => (box === undefined ? [n] : [])),
  };
}

/**
 * True when the second half of a list is the first one backwards: MuseTalk's own tools write avatars there and back, and
 * they are played there and back once more.
 */
export function isThereAndBack(rows: readonly (readonly number[])[]): boolean {
  const { length } = rows;
  if (length < 4 || length % 2 !== 0) return false;
  const mirrored = rows.every((row, n) => row.join() === rows[length - 1 - n]!.join());
  // A face that never moves looks the same from both ends.
  return mirrored && rows.some((row) => row.join() !== rows[0]!.join());
}
