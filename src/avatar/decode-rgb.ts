/** Pictures of any format and any size, through sharp: the way over RGB. */
import sharp from 'sharp';
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
  { from, window, to, background }: Reading,
  wall: Uint8Array | undefined,
): Promise<Uint8Array | Size> {
  let image = sharp(file, { failOn: 'error' });
  const { width, height } = await image.metadata();
  if (width !== from.width || height !== from.height) return { width, height };
  if (window.width !== width || window.height !== height) image = image.extract(window);
  const colour = 'colour' in background ? background.colour : '#000000';
  if (to.width !== window.width || to.height !== window.height) {
    image = image.resize(to.width, to.height, {
      fit: 'contain',
      background: wall === undefined ? colour : CLEAR,
    });
  }
  if (wall === undefined) return image.flatten({ background: colour }).toColourspace('srgb').raw().toBuffer();
  const input = await image.toColourspace('srgb').ensureAlpha().raw().toBuffer();
  return sharp(wall, { raw: { ...to, channels: 3 } })
    .composite([{ input, raw: { ...to, channels: 4 } }])
    .removeAlpha()
    .raw()
    .toBuffer();
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
