/**
 * A video or a photo as pictures of one size, 25 a second, as often as asked for: it is decoded anew each time, so that never
 * more than a few pictures are in memory.
 */
import { basename } from 'node:path';
import sharp from 'sharp';
import { TalkError } from '../../element/error.js';
import { AVATAR_COLOUR, type Colour, colourOf } from '../../picture/colour.js';
import { type Picture, pictureIn, rgbPicture } from '../../picture/picture.js';
import { demandFile, lookAtVideo, videoPictures } from '../video.js';

/** One picture. */
export interface Shot {
  /** Counted from 0 at the beginning of what is used. */
  readonly number: number;
  readonly picture: Picture;
  readonly colour: Colour;
}

/** Which part of a source is used, and how large. */
export interface Cut {
  /** Seconds from the beginning. */
  readonly start: number;
  /** Seconds at most. */
  readonly length: number;
  /** The part of the picture that is used, pixels of the source: x, y, width, height. */
  readonly crop?: readonly [number, number, number, number];
  /** Pixels the longer side may have. */
  readonly largest: number;
}

/** Pictures a second. */
export const RATE = 25;

/** Formats a photo has. Not SVG: a drawing may name other files of the machine that draws it. */
const PHOTOS = new Set(['jpeg', 'png', 'webp', 'heif', 'tiff', 'gif', 'jp2', 'jxl']);
/** Pixels of a picture: a few bytes can say that they are a hundred times as many, and all of them would be decoded. */
const LARGEST = 100e6;

/** A source that was opened. */
export interface Footage {
  readonly width: number;
  readonly height: number;
  /** Size of the source, upright. */
  readonly source: { readonly width: number; readonly height: number };
  readonly photo: boolean;
  /** Pictures there will be, as far as the source says. */
  readonly expected: number | undefined;
  /** All pictures. @throws TalkError stream/decode */
  shots(signal: AbortSignal): AsyncGenerator<Shot, void, undefined>;
}

/**
 * Opens a source.
 * @throws TalkError resource/not-found, resource/read, stream/wrong-type (nothing to see in it), resource/settings (a crop
 *   outside of it)
 */
export async function openFootage(file: string, cut: Cut, signal: AbortSignal): Promise<Footage> {
  await demandFile(file);
  // Nothing is decoded here: how large it is is looked at below, and no reason to try it as a video.
  const photo = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch(() => undefined);
  if (photo === undefined || !PHOTOS.has(photo.format) || (photo.pages ?? 1) !== 1)
    return openVideo(file, cut, signal);
  demandSize(file, photo.width, photo.height);
  return openPhoto(file, cut);
}

function demandSize(file: string, width: number, height: number): void {
  if (width * height <= LARGEST) return;
  throw new TalkError(
    'resource/settings',
    `Expected a picture of at most ${LARGEST / 1e6} million pixels but ${basename(file)} has ${width}x${height}.`,
  );
}

async function openPhoto(file: string, cut: Cut): Promise<Footage> {
  const upright = sharp(file, { failOn: 'error' }).autoOrient().flatten({ background: '#000' });
  const { info } = await upright
    .clone()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new TalkError('stream/decode', `The picture ${basename(file)} is broken.`, { cause });
    });
  const { window, size } = fit(info, cut);
  const [left, top, width, height] = window;
  return {
    ...size,
    source: { width: info.width, height: info.height },
    photo: true,
    expected: 1,
    async *shots() {
      const rgb = await upright
        .clone()
        .extract({ left, top, width, height })
        .resize(size.width, size.height, { fit: 'fill' })
        .toColourspace('srgb')
        .removeAlpha()
        .raw()
        .toBuffer();
      const data = rgbPicture(rgb, size.width, size.height);
      yield { number: 0, picture: pictureIn(data, size.width, size.height), colour: AVATAR_COLOUR };
    },
  };
}

async function openVideo(file: string, cut: Cut, signal: AbortSignal): Promise<Footage> {
  const facts = await lookAtVideo(file, signal);
  demandSize(file, facts.width, facts.height);
  const { window, size } = fit(facts, cut);
  const [left, top, width, height] = window;
  const begin = Math.round(cut.start * RATE);
  const most = Math.round(cut.length * RATE);
  const all = facts.duration === undefined ? undefined : Math.floor((facts.duration / 1e9) * RATE);
  return {
    ...size,
    source: { width: facts.width, height: facts.height },
    photo: false,
    expected: all === undefined ? undefined : Math.max(0, Math.min(most, all - begin)),
    async *shots(signal) {
      let number = 0;
      const part = { left, top, width, height };
      for await (const { data, caps } of videoPictures(
        file,
        facts,
        part,
        { ...size, rate: `${RATE}/1`, scale: 'lanczos' },
        signal,
      )) {
        if (number >= begin + most) break;
        if (number >= begin) {
          const picture = pictureIn(data, size.width, size.height);
          yield { number: number - begin, picture, colour: colourOf(caps?.fields ?? {}) };
        }
        number++;
      }
    },
  };
}

/** The part that is used and the even size it gets. */
function fit(
  source: { width: number; height: number },
  { crop = [0, 0, source.width, source.height], largest }: Cut,
): { window: readonly [number, number, number, number]; size: { width: number; height: number } } {
  const [x, y, width, height] = crop;
  if (x + width > source.width || y + height > source.height || width < 64 || height < 64) {
    throw new TalkError(
      'resource/settings',
      `Expected a part of ${source.width}x${source.height}, at least 64x64, but received ${crop.join(',')}.`,
    );
  }
  const scale = Math.min(1, largest / Math.max(width, height));
  const even = (n: number) => Math.max(2, 2 * Math.round((n * scale) / 2));
  return { window: crop, size: { width: even(width), height: even(height) } };
}
