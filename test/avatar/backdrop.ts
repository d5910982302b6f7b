/** A video behind an avatar: its pictures in order, for ever. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Backdrop } from '../../src/avatar/backdrop.js';
import { native } from '../../src/native.js';
import { alphaIn, pictureBytes, pictureIn } from '../../src/picture/picture.js';
import { film, soundFilm } from '../support/film.js';

t.setTimeout(120_000);
native.setDeadline(60_000);
const folder = t.testdir();
const RATE = { num: 25, den: 1 };

/** A grey picture whose left quarter is white; the grey names it. */
function grey(n: number, width: number, height: number): Uint8Array {
  const data = new Uint8Array(pictureBytes(width, height)).fill(128);
  const { planes, strides } = pictureIn(data, width, height);
  planes[0].fill(lumaOf(n));
  for (let y = 0; y < height; y++) planes[0].fill(235, y * strides[0], y * strides[0] + width / 4);
  return data;
}
const lumaOf = (n: number) => 20 + 3 * n;

async function video(name: string, count: number): Promise<string> {
  const file = join(folder, name);
  const pictures = Array.from({ length: count }, (_, n) => grey(n, 64, 32));
  await film(file, pictures, { width: 64, height: 32 });
  return file;
}

/** Opened, and closed with the test. */
async function opened(
  t: { teardown(done: () => unknown): void },
  file: string,
  width = 64,
  height = 32,
): Promise<Backdrop> {
  const behind = await Backdrop.open(file);
  t.teardown(() => behind.close());
  behind.begin({ width, height }, RATE);
  return behind;
}

/** What is seen of picture `n` through a layer that is clear. */
async function seen(behind: Backdrop, n: number, width = 64, height = 32): Promise<Uint8Array> {
  while (!behind.has(n, false)) await behind.more();
  const picture = pictureIn(new Uint8Array(pictureBytes(width, height)), width, height);
  behind.lay(picture);
  return picture.planes[0];
}

for (const count of [1, 9, 40, 60]) {
  t.test(`${count} pictures again and again`, async (t) => {
    const behind = await opened(t, await video(`${count}.mkv`, count));
    const found: number[] = [];
    for (let n = 0; n < 130; n++) found.push((await seen(behind, n))[40]!);
    t.same(
      found,
      found.map((_, n) => lumaOf(n % count)),
    );
  });
}

t.test('it fills the picture: what does not fit is cut off at both sides', async (t) => {
  const behind = await opened(t, await video('wide.mkv', 3), 32, 32);
  const luma = await seen(behind, 1, 32, 32);
  t.ok(luma[16 * 32]! < 60, 'of 64x32 the middle half: the white quarter is gone');
  const tall = await opened(t, await video('tall.mkv', 3), 64, 16);
  t.equal((await seen(tall, 1, 64, 16))[8 * 64 + 2], 235, 'of its height the middle half');
});

t.test('before it is what is opaque, by its alpha', async (t) => {
  const behind = await opened(t, await video('mixed.mkv', 2));
  while (!behind.has(0, false)) await behind.more();
  pictureIn(behind.layer, 64, 32).planes[0].fill(200);
  const alpha = alphaIn(behind.layer, 64, 32);
  alpha.fill(255, 0, 64);
  alpha.fill(51, 64, 128);
  const picture = pictureIn(new Uint8Array(pictureBytes(64, 32)), 64, 32);
  behind.lay(picture);
  t.equal(picture.planes[0][40], 200);
  t.equal(picture.planes[0][64 + 40], Math.round(0.2 * 200 + 0.8 * 20));
  t.equal(picture.planes[0][128 + 40], 20);
});

t.test('live nothing waits for a picture but the first, and what is late is passed over', async (t) => {
  const behind = await opened(t, await video('live.mkv', 50));
  t.notOk(behind.has(0, true));
  await behind.more();
  t.ok(behind.has(0, true));
  t.ok(behind.has(45, true), 'the last one that is there stands still');
  t.equal((await seen(behind, 45))[40], lumaOf(45));
  t.equal((await seen(behind, 70))[40], lumaOf(20));
});

t.test('what cannot be a video is told before it begins', async (t) => {
  const bad = (name: string, data: string | Uint8Array) => {
    writeFileSync(join(folder, name), data);
    return join(folder, name);
  };
  const fails = (file: string, error: { code: string; message?: string }) =>
    t.rejects(Backdrop.open(file), error);
  await fails(join(folder, 'nowhere.mp4'), { code: 'resource/not-found' });
  await fails(bad('list.mp4', '#EXTM3U\nhttp://127.0.0.1/a.ts\n'), { code: 'stream/wrong-type' });
  await fails(
    bad(
      'noise.mp4',
      new Uint8Array(9000).map((_, i) => (i * 7919) >> 3),
    ),
    {
      code: 'stream/wrong-type',
      message: 'There is no picture in noise.mp4 that can be decoded.',
    },
  );
  await fails(bad('empty.mp4', ''), { code: 'stream/wrong-type' });
  mkdirSync(join(folder, 'folder.mp4'));
  await fails(join(folder, 'folder.mp4'), { code: 'resource/read' });
  const sound = join(folder, 'sound.mkv');
  await soundFilm(sound);
  await fails(sound, { code: 'stream/wrong-type' });
});

t.test(
  'one that ends in the middle of a picture plays as far as it goes, or says that it is broken',
  async (t) => {
    const whole = readFileSync(await video('whole.mkv', 40));
    const file = join(folder, 'half.mkv');
    writeFileSync(file, whole.subarray(0, Math.floor(0.6 * whole.length)));
    const behind = await opened(t, file);
    for (let n = 0; n < 20; n++) t.equal((await seen(behind, n))[40], lumaOf(n));
  },
);

t.test('whoever waits when it is closed is told', async (t) => {
  const behind = await opened(t, await video('closed.mkv', 40));
  while (!behind.has(0, false)) await behind.more();
  const waiting = seen(behind, 4000);
  const told = t.rejects(waiting, { code: 'core/state-change' });
  await behind.close();
  await told;
});
