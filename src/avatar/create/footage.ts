/**
 * A video or a photo as pictures of one size, 25 a second, as often as asked for: it is decoded anew each time, so that never
 * more than a few pictures are in memory.
 */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { TalkError } from '../../element/error.js';
import { Pipeline } from '../../graph/pipeline.js';
import { isText } from '../../graph/playlist.js';
import { AVATAR_COLOUR, type Colour, colourOf } from '../../picture/colour.js';
import { type Picture, pictureIn, rgbPicture } from '../../picture/picture.js';
import { onlySamples } from './samples.js';

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
  const found = await stat(file).catch((cause: unknown) => {
    throw new TalkError('resource/not-found', `There is no file ${file}.`, { cause, details: { file } });
  });
  if (!found.isFile()) throw new TalkError('resource/read', `${file} is not a file.`, { details: { file } });
  if (await isText(file)) throw notSeen(file);
  const photo = await sharp(file)
    .metadata()
    .catch(() => undefined);
  return photo !== undefined && (photo.pages ?? 1) === 1
    ? openPhoto(file, cut)
    : openVideo(file, cut, signal);
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
  const uri = pathToFileURL(file).href;
  const first = await look(uri, file, signal);
  const { window, size } = fit(first, cut);
  const [left, top, width, height] = window;
  const across = (pixels: number) => Math.round(pixels / first.aspect);
  const right = first.width - left - width;
  const bottom = first.height - top - height;
  const crop = `videocrop left=${across(left)} top=${top} right=${across(right)} bottom=${bottom}`;
  const begin = Math.round(cut.start * RATE);
  const most = Math.round(cut.length * RATE);
  const all = first.duration === undefined ? undefined : Math.floor((first.duration / 1e9) * RATE);
  return {
    ...size,
    source: { width: first.width, height: first.height },
    photo: false,
    expected: all === undefined ? undefined : Math.max(0, Math.min(most, all - begin)),
    async *shots(signal) {
      const line =
        `${UPRIGHT} ! ${crop} ! videorate ! video/x-raw, framerate=${RATE}/1 ! videoscale method=lanczos add-borders=false n-threads=2 ! ` +
        `videoconvert n-threads=2 ! video/x-raw, format=I420, width=${size.width}, height=${size.height}, pixel-aspect-ratio=1/1 ! ${OUT}`;
      let number = 0;
      for await (const { data, caps } of play(line, uri, file, signal)) {
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

/** Decoded, and turned as its tags say. */
const UPRIGHT = 'uridecodebin name=in ! videoflip video-direction=auto';
const OUT = 'appsink name=out sync=false';

async function look(uri: string, file: string, signal: AbortSignal) {
  const pipeline = `${UPRIGHT} ! ${OUT}`;
  for await (const { caps, duration } of play(pipeline, uri, file, signal)) {
    const { num = 1, den = 1 } = (caps?.fields['pixel-aspect-ratio'] ?? {}) as { num?: number; den?: number };
    // Pixels that are not square become so across, as a player shows them.
    const aspect = num / den;
    const width = Math.round(Number(caps?.fields['width']) * aspect);
    const height = Number(caps?.fields['height']);
    return { width, height, aspect, duration };
  }
  throw new TalkError('stream/wrong-type', `There is no picture in ${basename(file)}.`, {
    details: { file },
  });
}

async function* play(line: string, uri: string, file: string, signal: AbortSignal) {
  const pipeline = Pipeline.launch(line);
  let begun = false;
  try {
    pipeline.element('in').set('uri', uri);
    let duration: number | undefined;
    for await (const sample of onlySamples(pipeline, signal)) {
      if (!begun) duration = pipeline.duration();
      begun = true;
      yield { ...sample, duration };
    }
  } catch (cause) {
    if (signal.aborted) throw cause;
    const name = basename(file);
    const debug =
      cause instanceof TalkError ? `${cause.code} ${cause.message} ${cause.debug}` : String(cause);
    throw begun
      ? new TalkError('stream/decode', `The video ${name} is broken.`, { cause, debug })
      : new TalkError('stream/wrong-type', `There is no picture in ${name} that can be decoded.`, {
          cause,
          debug,
        });
  } finally {
    await pipeline.close();
  }
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

function notSeen(file: string): TalkError {
  return new TalkError('stream/wrong-type', `There is no picture in ${basename(file)}.`, {
    details: { file },
  });
}
