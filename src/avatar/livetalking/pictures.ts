import sharp from 'sharp';
import { TalkError } from '../../element/error.js';
import type { Pixels } from '../package.js';

/** Size of a picture. @throws TalkError stream/decode */
export async function sizeOf(image: string): Promise<{ width: number; height: number }> {
  return await sharp(image)
    .metadata()
    .catch((cause: unknown) => {
      throw noPicture(image, cause);
    });
}

/** The size without an odd last row or column. */
export function evenSize({ width, height }: { width: number; height: number }) {
  return { width: width - (width % 2), height: height - (height % 2) };
}

/**
 * The pictures in order, RGB; an odd last row or column is cut off.
 * @throws TalkError stream/decode, stream/format for one that is not of the size of all
 */
export async function* pixelsOf(
  images: readonly string[],
  whole: { width: number; height: number },
  even: { width: number; height: number },
): AsyncIterable<Pixels> {
  for (const image of images) {
    const found = await sizeOf(image);
    if (found.width !== whole.width || found.height !== whole.height) throw wrongSize(image, found, whole);
    yield { data: await rgbOf(image, even), channels: 3 };
  }
}

/** The RGB rows of a picture, from its upper left corner. @throws TalkError stream/decode */
export async function rgbOf(image: string, size: { width: number; height: number }): Promise<Buffer> {
  return await sharp(image, { failOn: 'error' })
    .removeAlpha()
    .toColourspace('srgb')
    .extract({ left: 0, top: 0, width: size.width, height: size.height })
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause: unknown) => {
      throw noPicture(image, cause);
    });
}

function wrongSize(
  image: string,
  found: { width: number; height: number },
  whole: { width: number; height: number },
) {
  return new TalkError(
    'stream/format',
    `${image} measures ${found.width}x${found.height}, the first picture ${whole.width}x${whole.height}.`,
    { details: { file: image } },
  );
}

function noPicture(image: string, cause: unknown): TalkError {
  return new TalkError('stream/decode', `${image} is not a picture that can be read.`, {
    details: { file: image },
    cause,
  });
}
