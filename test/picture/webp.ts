import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import t from 'tap';
import { type Picture, pictureBytes, pictureIn, rgbPicture } from '../../src/picture/picture.js';
import { webpPicture, webpSize } from '../../src/picture/webp.js';

const WALL = '#d9dee4';
const wall = (width: number, height: number, colour = WALL) =>
  pictureIn(
    rgbPicture(new Uint8Array(Buffer.alloc(3 * width * height, colour.slice(1), 'hex')), width, height),
    width,
    height,
  );
/** What becomes of a file; undefined when it is broken. */
function decoded(file: Uint8Array, at: { left: number; top: number }, behind: Picture) {
  const into = new Uint8Array(pictureBytes(behind.width, behind.height));
  return webpPicture(file, at, behind, into) ? into : undefined;
}
const CORNER = { left: 0, top: 0 };
const presenter = await readFile('data/avatars/ava/frames/100.webp');

for (const window of [
  { left: 0, top: 0, width: 512, height: 768 },
  { left: 0, top: 24, width: 512, height: 512 },
  { left: 100, top: 200, width: 64, height: 32 },
]) {
  const { left, top, width, height } = window;
  t.test(`${width}x${height} at ${left},${top} is what the way over RGB gives`, async (t) => {
    const rgb = await sharp(presenter).extract(window).flatten({ background: WALL }).raw().toBuffer();
    const expected = pictureIn(rgbPicture(rgb, width, height), width, height);
    const data = decoded(presenter, window, wall(width, height));
    t.ok(data);
    const got = pictureIn(data!, width, height);
    for (const p of [0, 1, 2] as const) {
      const off = got.planes[p].map((value, i) => Math.abs(value - expected.planes[p][i]!));
      t.ok(off.reduce((sum, value) => sum + value, 0) / off.length < 0.5, `plane ${p} in the mean`);
      t.ok(
        off.every((value) => value <= 8),
        `plane ${p} nowhere by more than rounding of edges`,
      );
    }
  });
}

t.test('transparency mixes with the wall, exactly where it is none or all', async (t) => {
  const [width, height] = [8, 4];
  const pixels = Buffer.alloc(4 * width * height);
  for (let i = 0; i < width * height; i++)
    pixels.set([200, 40, 40, [0, 128, 255, 255][(i % 8) >> 1]!], 4 * i);
  const file = await sharp(pixels, { raw: { width, height, channels: 4 } })
    .webp({ lossless: true, exact: true })
    .toBuffer();
  const [behind, red] = [wall(width, height), wall(width, height, '#c82828')];
  const got = pictureIn(decoded(file, CORNER, behind)!, width, height);
  for (const p of [0, 1, 2] as const) {
    const step = p === 0 ? 2 : 1;
    const [clear, half, full] = [0, step, 2 * step].map((x) => got.planes[p][x]!);
    t.equal(clear, behind.planes[p][0], `plane ${p}: the wall`);
    t.ok(Math.abs(half! - (behind.planes[p][0]! + red.planes[p][0]!) / 2) <= 2, `plane ${p}: the middle`);
    t.ok(Math.abs(full! - red.planes[p][0]!) <= 1, `plane ${p}: the picture`);
  }
});

t.test('knows sizes, and what it is not for', async (t) => {
  const flat = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#804020' } });
  t.same(webpSize(presenter), { width: 512, height: 768 });
  t.same(webpSize(await flat(15, 9).webp().toBuffer()), { width: 15, height: 9 });
  t.equal(webpSize(await flat(8, 8).png().toBuffer()), undefined);
  t.equal(webpSize(new Uint8Array(0)), undefined);
  const frames = await Promise.all(
    ['#ff0000', '#00ff00'].map((background) =>
      sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const moving = await sharp(frames, { join: { animated: true } })
    .webp()
    .toBuffer();
  t.equal(webpSize(moving), undefined, 'an animation goes the other way');
});

t.test('a picture without transparency covers the wall', async (t) => {
  const file = await sharp({ create: { width: 16, height: 8, channels: 3, background: '#804020' } })
    .webp({ lossless: true })
    .toBuffer();
  const data = decoded(file, CORNER, wall(16, 8))!;
  t.equal(data.length, pictureBytes(16, 8));
  t.ok(Math.abs(data[0]! - wall(16, 8, '#804020').planes[0][0]!) <= 1);
});

t.test('broken files and impossible windows are refused', async (t) => {
  for (const cut of [0, 12, 30, 400, presenter.length - 200]) {
    t.equal(decoded(presenter.subarray(0, cut), CORNER, wall(512, 768)), undefined, `${cut} bytes`);
  }
  t.equal(decoded(presenter, { left: 0, top: 512 }, wall(512, 512)), undefined, 'beyond the file');
  t.throws(
    () => decoded(presenter, { left: 1, top: 0 }, wall(16, 16)),
    /even number for left but received 1/,
  );
  t.throws(
    () => decoded(presenter, CORNER, { ...wall(16, 16), strides: [32, 16, 16] }),
    /Expected (plane|strides)/,
  );
});
