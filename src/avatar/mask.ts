import { TalkError } from '../element/error.js';

/** Side it is kept with, cells; models paint 96 to 384. */
const SIDE = 256;

/** Where of a box a model's picture is seen: soft, and the same for all frames. */
export class Mask {
  readonly #cells: Uint8Array;
  readonly #sizes = new Map<number, Uint8Array>();

  private constructor(cells: Uint8Array) {
    this.#cells = cells;
  }

  /** Reads a grey picture: white is the model's. @throws TalkError stream/decode */
  static async open(path: string): Promise<Mask> {
    // Few avatars have one, and sharp takes a tenth of a second to load.
    const { default: sharp } = await import('sharp');
    const cells = await sharp(path)
      .flatten({ background: '#000000' })
      .toColourspace('b-w')
      .resize(SIDE, SIDE, { fit: 'fill' })
      .raw({ depth: 'uchar' })
      .toBuffer()
      .catch((cause: unknown) => {
        throw new TalkError('stream/decode', `${path} is not a picture that can be read.`, {
          details: { file: path },
          cause,
        });
      });
    return new Mask(cells);
  }

  /** `size` x `size` weights; between the cells it is linear. */
  of(size: number): Uint8Array {
    let made = this.#sizes.get(size);
    if (made === undefined) {
      made = scaled(this.#cells, size);
      this.#sizes.set(size, made);
    }
    return made;
  }
}

/** Done once for a size, in a millisecond. */
function scaled(cells: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size * size);
  const at = (row: number, column: number) => cells[row * SIDE + column]!;
  const axis = Array.from({ length: size }, (_, i) => {
    const place = Math.max(0, Math.min(SIDE - 1, ((i + 0.5) * SIDE) / size - 0.5));
    const first = Math.min(SIDE - 2, Math.floor(place));
    return { first, part: place - first };
  });
  for (const [y, { first: row, part: down }] of axis.entries()) {
    for (const [x, { first: column, part: across }] of axis.entries()) {
      const above = at(row, column) * (1 - across) + at(row, column + 1) * across;
      const below = at(row + 1, column) * (1 - across) + at(row + 1, column + 1) * across;
      out[y * size + x] = Math.round(above * (1 - down) + below * down);
    }
  }
  return out;
}
