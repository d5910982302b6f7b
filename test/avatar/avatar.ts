import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import sharp from 'sharp';
import t from 'tap';
import { openAvatar, readAvatar, storeUse, whenReleased } from '../../src/avatar/index.js';
import { pictureBytes, pictureIn } from '../../src/picture/picture.js';
import { paint, smallAvatar } from './support/small.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const close = (a: number, b: number, by: number) => Math.abs(a - b) <= by;

t.test('opens a package: size, rate, pictures as I420, boxes', async (t) => {
  const root = await smallAvatar(t);
  const avatar = await openAvatar('small', { root });
  t.teardown(() => avatar.close());
  t.match(avatar, {
    id: 'small',
    name: 'Small',
    width: 70,
    height: 46,
    count: 7,
    framerate: { num: 13, den: 1 },
  });
  t.match(avatar.caps, /I420, width=70, height=46, framerate=13\/1, colorimetry=bt601, chroma-site=jpeg/);
  for (let i = 0; i < 7; i++) {
    const { r, g, b } = paint(i);
    const data = avatar.data(i);
    t.equal(data.length, pictureBytes(70, 46));
    const { planes, strides } = pictureIn(data, 70, 46);
    t.same(strides, [72, 36, 36]);
    t.ok(
      close(planes[0][5 * 72 + 3]!, 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255, 1),
      `luma of ${i}`,
    );
    t.ok(
      close(planes[1][7]!, 128 + (-37.797 * r - 74.203 * g + 112 * b) / 255, 1),
      `blue difference of ${i}`,
    );
    t.ok(close(planes[2][7]!, 128 + (112 * r - 93.786 * g - 18.214 * b) / 255, 1), `red difference of ${i}`);
  }
  t.same(avatar.box(3), { x: 11, y: 8.5, w: 24.5, h: 24.5 });
  t.same([avatar.index(6), avatar.index(7), avatar.index(13), avatar.index(14)], [6, 6, 0, 0]);
});

t.test('the face crop is BGR, and true to the picture', async (t) => {
  const root = await smallAvatar(t);
  const avatar = await openAvatar('small', { root });
  t.teardown(() => avatar.close());
  const face = avatar.face(2, 31);
  t.equal(face.length, 31 * 31 * 3);
  const { r, g, b } = paint(2);
  for (const i of [0, 480, 960]) {
    t.ok(close(face[3 * i]!, b, 3) && close(face[3 * i + 1]!, g, 3) && close(face[3 * i + 2]!, r, 3));
  }
  t.throws(() => avatar.face(7, 31), { message: /from 0 to 6 for frame but received 7/ });
  t.throws(() => avatar.face(0, 3.5), { message: /from 8 to 1024 for size/ });
});

t.test('two sessions share one set of pictures, and the last to close frees it', async (t) => {
  const root = await smallAvatar(t);
  const released: string[] = [];
  whenReleased((key) => released.push(key));
  const [one, two] = await Promise.all([openAvatar('small', { root }), openAvatar('small', { root })]);
  t.equal(one.data(4), two.data(4), 'the same memory');
  t.equal(storeUse().avatars, 1);
  one.close();
  one.close();
  t.equal(storeUse().avatars, 1, 'closing twice gives one share back');
  t.equal(two.data(0).length, pictureBytes(70, 46));
  t.throws(() => one.data(0), { message: /closed/ });
  t.same(released, []);
  two.close();
  t.same(released, [two.key], 'what was made of them can go');
  t.same(storeUse(), { avatars: 0, bytes: 0 });
  t.ok(two.closed);
});

t.test('memory comes back when it is closed', async (t) => {
  const root = await smallAvatar(t);
  const avatar = await openAvatar('small', { root });
  const picture = new WeakRef(avatar.data(3));
  avatar.close();
  for (let i = 0; i < 10 && picture.deref(); i++) {
    await new Promise(setImmediate); // a WeakRef holds its target until the turn is over
    collect();
  }
  t.equal(picture.deref(), undefined);
});

t.test('fits another size with black bars, and the boxes with it', async (t) => {
  const root = await smallAvatar(t);
  const avatar = await openAvatar('small', { root, width: 140, height: 200 });
  t.teardown(() => avatar.close());
  t.equal(avatar.data(0).length, pictureBytes(140, 200));
  t.equal(avatar.data(0)[10 * 140 + 70], 16, 'black above');
  t.ok(avatar.data(0)[100 * 140 + 70]! > 60, 'picture in the middle');
  t.same(avatar.box(0), { x: 20, y: 54 + 17, w: 49, h: 49 });
  await t.rejects(openAvatar('small', { root, width: 141, height: 200 }), { message: /even number/ });
  await t.rejects(openAvatar('small', { root, width: 140 }), {
    message: /for height but received undefined/,
  });
});

t.test('an unknown name says where it looked and what there is', async (t) => {
  const root = await smallAvatar(t);
  await t.rejects(openAvatar('anna', { root }), {
    code: 'resource/not-found',
    message: 'There is no avatar "anna". There are: small.',
    details: { folder: root },
  });
  await t.rejects(openAvatar('./no/such', { root }), {
    code: 'resource/not-found',
    message: /no avatar\.yaml/,
  });
});

t.test('a name is never a path', async (t) => {
  const root = await smallAvatar(t);
  for (const name of [
    'a/../small',
    'x/../../etc',
    'small/',
    '..',
    '',
    'small\0',
    '.hidden',
    'a..b',
    'x'.repeat(65),
  ]) {
    await t.rejects(openAvatar(name, { root }), { code: 'resource/settings' }, JSON.stringify(name));
  }
  const byPath = await openAvatar(join(root, 'small'));
  t.equal(byPath.count, 7, 'an absolute folder is taken as it is');
  byPath.close();
});

t.test('missing pictures are counted and the first is named', async (t) => {
  const root = await smallAvatar(t);
  await rm(join(root, 'small/pictures/p0002.png'));
  await rm(join(root, 'small/pictures/p0005.png'));
  await t.rejects(openAvatar('small', { root }), {
    code: 'resource/not-found',
    message: /2 of 7 pictures are missing in .*small, the first is pictures\/p0002\.png/,
  });
  t.same(storeUse(), { avatars: 0, bytes: 0 });
});

t.test('a picture of another size is refused by name', async (t) => {
  const root = await smallAvatar(t);
  await sharp({ create: { width: 72, height: 46, channels: 3, background: '#123456' } })
    .png()
    .toFile(join(root, 'small/pictures/p0003.png'));
  await t.rejects(openAvatar('small', { root }), {
    code: 'stream/format',
    message: /p0003\.png measures 72x46, but avatar\.yaml says 70x46/,
  });
  t.same(storeUse(), { avatars: 0, bytes: 0 }, 'and nothing of it stays');
});

t.test('a broken picture is refused by name', async (t) => {
  const root = await smallAvatar(t);
  await writeFile(join(root, 'small/pictures/p0006.png'), 'not a picture');
  await t.rejects(openAvatar('small', { root }), {
    code: 'stream/decode',
    message: /p0006\.png is not a picture/,
  });
});

t.test('a manifest is parsed once, until it is written anew; a broken one is told each time', async (t) => {
  const root = await smallAvatar(t);
  const file = join(root, 'small/avatar.yaml');
  const [one, two] = await Promise.all([readAvatar('small', root), readAvatar('small', root)]);
  t.equal(one.manifest, two.manifest);
  t.equal((await readAvatar('small', root)).manifest, one.manifest);
  // A clock that stands between two writes would hide the second.
  const later = (await stat(file)).mtimeMs / 1000 + 10;
  await writeFile(file, 'name: 7');
  await utimes(file, later, later);
  for (const _ of [1, 2]) await t.rejects(readAvatar('small', root), { code: 'resource/settings' });
});

t.test('more than fits into memory is refused with the numbers', async (t) => {
  const root = await smallAvatar(t);
  process.env['TALKGRAPH_AVATAR_MEMORY'] = '5';
  t.teardown(() => delete process.env['TALKGRAPH_AVATAR_MEMORY']);
  await t.rejects(openAvatar('small', { root, width: 1024, height: 1024 }), {
    code: 'resource/quota',
    message: /needs 11 MB; all avatars together may take 5 MB/,
  });
});
