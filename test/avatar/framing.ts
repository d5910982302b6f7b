import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { type Avatar, Cast, openAvatar, storeUse } from '../../src/avatar/index.js';
import { formatManifest, type ManifestInput } from '../../src/avatar/manifest.js';
import { AVATAR_COLOUR, rgbToYuv } from '../../src/picture/colour.js';
import { pictureIn } from '../../src/picture/picture.js';
import { sameBytes } from '../support/samebytes.js';

type Rgb = readonly [number, number, number];
const RED: Rgb = [200, 30, 20];
const BLUE: Rgb = [0, 0, 255];
const GREEN: Rgb = [20, 180, 40];

/** A standing person of 40x60, clear but for a red square at 10..29, 6..25; the lower half of it is half clear. */
async function person(t: Test, changes: Partial<ManifestInput> = {}): Promise<string> {
  const root = t.testdir();
  const pixels = Buffer.alloc(40 * 60 * 4);
  for (let y = 6; y < 26; y++)
    for (let x = 10; x < 30; x++) pixels.set([...RED, y < 16 ? 255 : 128], 4 * (40 * y + x));
  await mkdir(join(root, 'person'));
  await sharp(pixels, { raw: { width: 40, height: 60, channels: 4 } })
    .png()
    .toFile(join(root, 'person/0.png'));
  await sharp({ create: { width: 8, height: 8, channels: 3, background: `rgb(${GREEN.join()})` } })
    .png()
    .toFile(join(root, 'green.png'));
  const manifest: ManifestInput = {
    ...{ name: 'Person', width: 40, height: 60, frames: 1, files: '%d.png', boxes: [[12, 8, 16, 16]] },
    ...{ background: '#00f', framings: [[0, 2, 40, 40]], ...changes },
  };
  await writeFile(join(root, 'person/avatar.yaml'), formatManifest(manifest, ['A test.']));
  return root;
}

async function opened(
  t: Test,
  root: string,
  options: Parameters<typeof openAvatar>[1] = {},
): Promise<Avatar> {
  const avatar = await openAvatar('person', { root, ...options });
  t.teardown(() => avatar.close());
  return avatar;
}

/** What the luma at a place is, and what it would be for a colour. */
function shows(t: Test, avatar: Avatar, x: number, y: number, [r, g, b]: Rgb, what: string): void {
  const { planes, strides } = pictureIn(avatar.data(0), avatar.width, avatar.height);
  const m = rgbToYuv(AVATAR_COLOUR);
  const expected = m[0]! * r + m[1]! * g + m[2]! * b + m[9]!;
  const found = planes[0][y * strides[0] + x]!;
  t.ok(Math.abs(found - expected) < 2, `${what}: expected a luma of ${expected.toFixed(1)}, found ${found}`);
}

const mixed = (a: Rgb, b: Rgb): Rgb => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];

t.test('behind what is clear lies the background of the avatar', async (t) => {
  const avatar = await opened(t, await person(t));
  t.match(avatar, { width: 40, height: 60 });
  shows(t, avatar, 2, 50, BLUE, 'clear');
  shows(t, avatar, 20, 10, RED, 'solid');
  shows(t, avatar, 20, 20, mixed(RED, BLUE), 'half clear');
});

t.test('or the colour or the picture one asks for, also beside a picture of another shape', async (t) => {
  const root = await person(t, { framings: [] });
  const plain = await opened(t, root, { background: '#14b428' });
  shows(t, plain, 2, 50, GREEN, 'clear');
  const square = await opened(t, root, { width: 60, height: 60, background: '#14b428' });
  shows(t, square, 1, 30, GREEN, 'beside');
  const wall = await opened(t, root, { width: 60, height: 60, background: join(root, 'green.png') });
  shows(t, wall, 1, 30, GREEN, 'beside, from a file');
  shows(t, wall, 30, 10, RED, 'solid, before a file');
  shows(t, wall, 30, 20, mixed(RED, GREEN), 'half clear, before a file');
  sameBytes(t, wall.data(0), square.data(0), 'a picture of one colour is that colour');
});

t.test('a square is cut from the picture where the avatar says', async (t) => {
  const root = await person(t);
  const avatar = await opened(t, root, { width: 80, height: 80 });
  t.same(avatar.box(0), { x: 24, y: 12, w: 32, h: 32 }, 'boxes follow');
  shows(t, avatar, 40, 12, RED, 'solid');
  shows(t, avatar, 4, 76, BLUE, 'clear, down to the edge');
  const tall = await opened(t, root, { width: 20, height: 30 });
  t.same(tall.box(0), { x: 6, y: 4, w: 8, h: 8 }, 'the shape of the whole picture takes the whole picture');
  const wide = await opened(t, root, { width: 160, height: 80 });
  t.same(wide.box(0), { x: 64, y: 12, w: 32, h: 32 }, 'the nearest shape, and background beside it');
});

t.test('pictures before two backgrounds are two sets, before the same one', async (t) => {
  const root = await person(t);
  const cast = new Cast({ root });
  t.teardown(() => cast.close());
  const first = await cast.begin('person', { width: 0, height: 0, background: '#fff' });
  const again = await opened(t, root, { width: 40, height: 60, background: '#FFFFFF' });
  t.equal(first.data(0), again.data(0));
  t.equal(first.key, again.key);
  const other = await opened(t, root);
  t.not(other.key, first.key);
  t.equal(storeUse().avatars, 2);
});

t.test('what is no background is refused, with what would be one', async (t) => {
  const root = await person(t);
  const refused: [string, { code: string; message?: RegExp }][] = [
    ['blue', { code: 'resource/settings', message: /Expected a colour such as #20242c, .* received "blue"/ }],
    ['#12345', { code: 'resource/settings' }],
    ['nowhere.mp4', { code: 'resource/not-found', message: /no background video .*nowhere\.mp4/ }],
    ['nowhere.png', { code: 'resource/not-found', message: /no background picture .*nowhere\.png/ }],
  ];
  for (const [background, error] of refused)
    await t.rejects(openAvatar('person', { root, background }), error, background);
  await writeFile(join(root, 'broken.png'), 'no picture');
  await t.rejects(openAvatar('person', { root, background: join(root, 'broken.png') }), {
    code: 'stream/decode',
    message: /broken\.png is not a picture/,
  });
  t.same(storeUse(), { avatars: 0, bytes: 0 });
});

t.test('a framing lies inside the picture', async (t) => {
  const root = await person(t, { framings: [[0, 30, 40, 40]] });
  await t.rejects(openAvatar('person', { root }), {
    code: 'resource/settings',
    message: /line \d+: framings\.0: Expected a window inside 40x60 but received \[0,30,40,40\]/,
  });
});
