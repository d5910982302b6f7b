import sharp from 'sharp';
import { cropPicture, pictureIn } from '../picture/picture.js';
import type { Avatar } from './avatar.js';
import { openAvatar } from './open.js';
import { contactSheet } from './sheet.js';

/** Pictures across and down. */
const ACROSS = 6;
const DOWN = 4;
/** Width of each, pixels. */
const CELL = 200;

/**
 * Writes a contact sheet: pictures from all of an avatar's length, each with the box that a model is shown.
 * @param crop whose box; the avatar's own where it has none for that
 */
export async function avatarSheet(
  idOrFolder: string,
  file: string,
  { crop = '', root }: { crop?: string; root?: string } = {},
): Promise<void> {
  const avatar = await openAvatar(idOrFolder, root === undefined ? {} : { root });
  try {
    const count = Math.min(ACROSS * DOWN, avatar.count);
    const height = Math.round((CELL * avatar.height) / avatar.width);
    const tiles = [];
    for (let n = 0; n < count; n++) {
      tiles.push(await cell(avatar, Math.floor((n * avatar.count) / count), crop, height));
    }
    await contactSheet(tiles, { width: CELL, height }, Math.min(count, ACROSS), file);
  } finally {
    avatar.close();
  }
}

async function cell(avatar: Avatar, frame: number, crop: string, height: number): Promise<Buffer> {
  await avatar.load(frame);
  const picture = pictureIn(avatar.data(frame), avatar.width, avatar.height);
  const side = Math.max(CELL, height);
  // The kernel makes squares; the shape comes back when it is made smaller.
  const whole = { x: 0, y: 0, w: avatar.width, h: avatar.height };
  const rgb = cropPicture(picture, whole, side, 'RGB', avatar.colour);
  const tile = sharp(rgb, { raw: { width: side, height: side, channels: 3 } }).resize(CELL, height, {
    fit: 'fill',
  });
  if (avatar.boxed) tile.composite([{ input: outline(avatar, frame, crop, height) }]);
  return await tile.png().toBuffer();
}

function outline(avatar: Avatar, frame: number, crop: string, height: number): Buffer {
  const { x, y, w, h } = avatar.box(frame, crop);
  const scale = CELL / avatar.width;
  const [left, top, across, down] = [x, y, w, h].map((value) => (value * scale).toFixed(2));
  return Buffer.from(
    `<svg width="${CELL}" height="${height}"><rect x="${left}" y="${top}" width="${across}" height="${down}" fill="none" stroke="#3cf"/></svg>`,
  );
}
