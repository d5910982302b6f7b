/** Pictures of any format and any size, through sharp: the way over RGB. */
import sharp, { type Sharp } from 'sharp';
import type { Size } from './framing.js';
import type { Reading } from './reading.js';

// Every file is read once: libvips' cache would only keep them. And the threads that decode are as many as there are cores.
sharp.cache(false);
sharp.concurrency(1);

const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 };

/**
 * One picture as RGB rows of the size it should become, or the size it has when that is not the one it should have.
 * @param wall RGB rows of that size to put it before; the background's colour when there are none
 */
export async function pictureRgb(
  file: Buffer,
  job: Reading,
  wall: Uint8Array | undefined,
): Promise<Uint8Array | Size> {
  const { to, background } = job;
  const colour = 'colour' in background ? background.colour : '#000000';
  const rows = await shown(file, job, wall === undefined ? colour : CLEAR);
  if (!('image' in rows)) return rows;
  const { image } = rows;
  if (wall === undefined) return image.flatten({ background: colour }).toColourspace('srgb').raw().toBuffer();
  const input = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer();
  return sharp(wall, { raw: { ...to, channels: 3 } })
    .composite([{ input, raw: { ...to, channels: 4 } }])
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** One picture as `pictureRgb` gives it, without a background: its colours, and how opaque each pixel is, `to` in size. */
export async function pictureRgba(
  file: Buffer,
  job: Reading,
): Promise<{ readonly rgb: Uint8Array; readonly alpha: Uint8Array } | Size> {
  const rows = await shown(file, job, CLEAR);
  if (!('image' in rows)) return rows;
  const rgba = await rows.image.toColourspace('srgb').ensureAlpha().raw().toBuffer();
  const pixels = sharp(rgba, { raw: { ...job.to, channels: 4 } });
  const [rgb, alpha] = await Promise.all([
    pixels.clone().removeAlpha().raw().toBuffer(),
    pixels.clone().extractChannel(3).raw().toBuffer(),
  ]);
  return { rgb, alpha };
}

/** The part of a picture that is shown, in its size, `beside` beside it; or the size the file has when that is another. */
async function shown(
  file: Buffer,
  { from, window, to }: Reading,
  beside: string | typeof CLEAR,
): Promise<{ readonly image: Sharp } | Size> {
  let image = sharp(file, { failOn: 'error' });
  const { width, height } = await image.metadata();
  if (width !== from.width || height !== from.height) return { width, height };
  if (window.width !== width || window.height !== height) image = image.extract(window);
  if (to.width !== window.width || to.height !== window.height)
    image = image.resize(to.width, to.height, { fit: 'contain', background: beside });
  return { image };
}

/** A background picture as RGB rows that fill the frame. */
export async function backgroundRgb(file: string, to: Size): Promise<Uint8Array> {
  return sharp(file, { failOn: 'error' })
    .resize(to.width, to.height, { fit: 'cover' })
    .flatten({ background: '#000000' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}
