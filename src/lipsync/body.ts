import { TalkError } from '../element/error.js';
import type { Frame } from '../element/frame.js';
import { type Colour, colourOf } from '../picture/colour.js';
import {
  copyPicture,
  fitInto,
  type Picture,
  pictureBytes,
  pictureIn,
  scalePicture,
} from '../picture/picture.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A video under the mouth, where there is one: fitted into the pictures, and kept for one that finds none. */
export class BodyVideo {
  #size: Size | undefined;
  #last: Uint8Array | undefined;

  /**
   * Its caps.
   * @param own how the pictures are coded
   * @throws TalkError core/negotiation when it is coded otherwise
   */
  setup(fields: Readonly<Record<string, unknown>>, own: Colour): void {
    const { matrix, range } = colourOf(fields);
    if (matrix !== own.matrix || range !== own.range) {
      throw new TalkError(
        'core/negotiation',
        `The body video is coded as ${matrix}, the pictures as ${own.matrix}: put "videoconvert ! video/x-raw, colorimetry=bt601" before it.`,
      );
    }
    this.#size = { width: fields['width'] as number, height: fields['height'] as number };
  }

  /** What a mouth is drawn on, of a size that stays; undefined before the first picture came. */
  next(frame: Frame | undefined, { width, height }: Size): Picture | undefined {
    if (frame !== undefined && frame.data.length > 0 && this.#size !== undefined) {
      this.#last ??= new Uint8Array(pictureBytes(width, height));
      const to = pictureIn(this.#last, width, height);
      const from = pictureOf(frame, this.#size);
      if (from.width === width && from.height === height) copyPicture(to, from);
      else scalePicture(to, from, fitInto(to, from));
    }
    return this.#last && pictureIn(this.#last, width, height);
  }
}

function pictureOf({ planes, data }: Frame, { width, height }: Size): Picture {
  const [y, u, v] = planes ?? [];
  if (y === undefined || u === undefined || v === undefined) return pictureIn(data, width, height);
  return { width, height, planes: [y.data, u.data, v.data], strides: [y.stride, u.stride, v.stride] };
}
