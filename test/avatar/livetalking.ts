/** Folders that LiveTalking plays, with pickles that numpy wrote (test/fixtures/livetalking.py). */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { avatarsFolder, checkAvatar, frameFile, openAvatar, readAvatar } from '../../src/avatar/index.js';
import { importLiveTalking as importAndLook, type LiveTalkingOptions } from '../../src/avatar/making.js';
import { TensorList } from '../../src/checkpoint/index.js';
import { PACKAGE } from '../../src/graph/find.js';
import { torchArchive } from '../checkpoint/support/archive.js';
import { list, long, pickle, storage, tensor, tuple } from '../checkpoint/support/pickles.js';

t.setTimeout(240_000);

/** Without looking for faces, which loads two nets: there are none in grey pictures. */
const importLiveTalking = (source: string, options: LiveTalkingOptions) =>
  importAndLook(source, { ...options, look: false });

const fixtures = join(PACKAGE, 'test', 'fixtures', 'livetalking');
const [WIDTH, HEIGHT] = [64, 48];
/** Grey of one picture. */
const grey = (n: number) => 40 + 15 * n;

/** A folder with pictures and a coords.pkl; names as given, in any order. */
async function folder(
  t: Test,
  coords: string,
  { names = Array.from({ length: 6 }, (_, n) => `${n}.png`), width = WIDTH, height = HEIGHT } = {},
): Promise<{ source: string; root: string }> {
  const source = t.testdir({ live: { full_imgs: {} } });
  const live = join(source, 'live');
  for (const name of names) {
    const level = grey(Number.parseInt(name, 10));
    const background = { r: level, g: level, b: level };
    const picture = sharp({ create: { width, height, channels: 3, background } });
    const bytes = await (/png$/i.test(name) ? picture.png() : picture.jpeg({ quality: 95 })).toBuffer();
    await writeFile(join(live, 'full_imgs', name), bytes);
  }
  await copyFile(join(fixtures, coords), join(live, 'coords.pkl'));
  return { source: live, root: join(source, 'avatars') };
}

for (const coords of ['wav2lip.pkl', 'wav2lip-numpy.pkl']) {
  t.test(`${coords}: top, bottom, left, right`, async (t) => {
    const { source, root } = await folder(t, coords);
    const made = await importLiveTalking(source, { id: 'mine', root, licence: 'mine' });
    t.match(made, {
      id: 'mine',
      model: 'wav2lip',
      width: 64,
      height: 48,
      frames: 6,
      notes: [],
    });
    const avatar = await openAvatar('mine', { root });
    t.teardown(() => avatar.close());
    t.equal(avatar.loop, 'there-and-back');
    t.same(avatar.framerate, { num: 25, den: 1 });
    t.same(avatar.box(0, 'wav2lip'), { x: 20, y: 10, w: 24, h: 28 });
    t.same(avatar.box(4, 'wav2lip'), { x: 24, y: 12, w: 24, h: 28 });
    const square = avatar.box(4);
    t.equal(square.w, square.h, 'the default model gets a square');
    t.same(avatar.box(4, 'tinylip'), square);
    t.same(await checkAvatar('mine', { root }), [], 'it is as it was written');
  });
}

t.test('pictures go by their numbers, padded or not, PNG or JPEG in any case', async (t) => {
  const names = ['10.png', '9.JPG', '00000002.PNG', '1.jpeg', '0.png', '000000011.Png'];
  const { source, root } = await folder(t, 'wav2lip.pkl', { names });
  await writeFile(join(source, 'full_imgs', 'notes.txt'), 'no picture');
  await importLiveTalking(source, { id: 'mixed', root });
  const avatar = await openAvatar('mixed', { root });
  t.teardown(() => avatar.close());
  for (const [frame, number] of [0, 1, 2, 9, 10, 11].entries()) {
    const luma = 16 + (grey(number) * 219) / 255;
    t.ok(Math.abs(avatar.data(frame)[0]! - luma) < 3, `frame ${frame} is picture ${number}`);
  }
});

t.test('MuseTalk: left, top, right, bottom; there and back once; a frame without a face', async (t) => {
  const names = Array.from({ length: 12 }, (_, n) => `${n}.png`);
  const { source, root } = await folder(t, 'musetalk.pkl', { names });
  await copyFile(join(fixtures, 'musetalk-masks.pkl'), join(source, 'mask_coords.pkl'));
  // Of the five frames that have a face, there and back: 1, 2, 3, 4, 5, 5, 4, 3, 2, 1.
  const blocks = [1, 2, 3, 4, 5, 5, 4, 3, 2, 1].map((n) =>
    new Uint16Array(8192).fill([0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500][n]!),
  );
  const tensors = blocks.map((_, key) =>
    tensor({
      from: storage(String(key), 8192, 'HalfStorage'),
      shape: [1, 8, 32, 32],
      stride: [8192, 1024, 32, 1],
    }),
  );
  const archive = torchArchive(
    pickle(list(...tensors)),
    Object.fromEntries(blocks.map((block, key) => [String(key), new Uint8Array(block.buffer)])),
  );
  await writeFile(join(source, 'latents.pt'), archive);
  // White in the lower half of the box, which lies 4 pixels inside of the mask, 3 below its upper edge.
  await mkdir(join(source, 'mask'));
  for (const name of names) {
    const white = await sharp({ create: { width: 24, height: 14, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    await sharp({ create: { width: 32, height: 34, channels: 3, background: '#000' } })
      .composite([{ input: white, left: 4, top: 17 }])
      .toColourspace('b-w')
      .png()
      .toFile(join(source, 'mask', name));
  }
  const made = await importLiveTalking(source, { id: 'muse', root });
  t.equal(made.model, 'musetalk');
  t.equal(made.frames, 6);
  t.match(made.notes, [
    /second half was left out/,
    /In one frame .* no face/,
    /masks became one.* than 0\.0 levels/,
  ]);
  const avatar = await openAvatar('muse', { root });
  const mask = avatar.mask(64, 'musetalk')!;
  t.ok(mask[64 * 10 + 30]! < 3 && mask[64 * 50 + 30]! > 252, 'black above, white below');
  t.equal(avatar.mask(64, 'tinylip'), undefined);
  t.teardown(() => avatar.close());
  t.same(avatar.box(3, 'musetalk'), { x: 23, y: 11, w: 24, h: 28 });
  t.same(avatar.box(2, 'musetalk'), avatar.box(1, 'musetalk'), 'the nearest box');
  // Of five frames with a face; the third has none, and gets those of the second.
  const halves = new Uint16Array((await readFile(join(root, 'muse', 'latents.f16'))).buffer.slice(0));
  const first = Array.from({ length: 6 }, (_, n) => halves[n * 8192]);
  t.same(first, [0x3c00, 0x4000, 0x4000, 0x4200, 0x4400, 0x4500], '1, 2, 2, 3, 4, 5 in float16');
});

t.test('Ultralight: the inner 160 of 168 pixels, and its network', async (t) => {
  const { source, root } = await folder(t, 'ultralight.pkl');
  const network = join(PACKAGE, 'test', 'fixtures', 'checkpoint', 'ultralight-hubert.pth');
  await copyFile(network, join(source, 'ultralight.pth'));
  const models = join(root, '..', 'models');
  const made = await importLiveTalking(source, { id: 'Lisa', root, models });
  t.match(made, { model: 'ultralight', network: 'lisa' });
  t.ok(existsSync(join(models, 'lisa', 'model.yaml')));
  const avatar = await openAvatar('Lisa', { root });
  t.teardown(() => avatar.close());
  const { x, y, w, h } = avatar.box(0, 'ultralight');
  const near = (a: number, b: number) => Math.abs(a - b) < 2e-3;
  t.ok(near(x, 20 + (24 * 4) / 168) && near(y, 10 + (28 * 4) / 168));
  t.ok(near(w, (24 * 160) / 168) && near(h, (28 * 160) / 168));
  const { source: without } = await folder(t, 'ultralight.pkl');
  const alone = await importLiveTalking(without, { id: 'alone', root, model: 'ultralight' });
  t.match(alone.notes, [/no ultralight\.pth/]);
  t.notOk('network' in alone);
});

t.test('an odd size loses a row and a column, and says so; a film keeps all in one file', async (t) => {
  const { source, root } = await folder(t, 'wav2lip.pkl', { width: 65, height: 49 });
  const made = await importLiveTalking(source, { id: 'odd', root, store: 'film' });
  t.match(made, { width: 64, height: 48, notes: [/65x49 became 64x48/] });
  t.same((await readdir(join(root, 'odd'))).sort(), [
    'avatar.yaml',
    'film.i420',
    'poster.webp',
    'wav2lip.csv',
  ]);
  const avatar = await openAvatar('odd', { root });
  t.teardown(() => avatar.close());
  t.ok(Math.abs(avatar.data(5)[0]! - (16 + (grey(5) * 219) / 255)) < 1);
});

t.test('a link that leads out of the folder is refused, one inside it is followed', async (t) => {
  const { source, root } = await folder(t, 'wav2lip.pkl');
  const pictures = join(source, 'full_imgs');
  await rename(pictures, join(source, 'pictures'));
  await symlink(join(source, 'pictures'), pictures);
  t.ok(await importLiveTalking(source, { id: 'inside', root }));
  const [first = ''] = await readdir(join(source, 'pictures'));
  const elsewhere = join(source, '..', 'private');
  await mkdir(elsewhere);
  await rename(join(source, 'pictures', first), join(elsewhere, first));
  await symlink(join(elsewhere, first), join(source, 'pictures', first));
  await t.rejects(importLiveTalking(source, { id: 'outside', root }), {
    code: 'resource/settings',
    message: /is a link that leads out of the avatar's folder/,
  });
  t.same(await readdir(root), ['inside']);
});

t.test('more pictures than boxes: what is too much is left out and told', async (t) => {
  const names = Array.from({ length: 9 }, (_, n) => `${n}.png`);
  const { source, root } = await folder(t, 'wav2lip.pkl', { names });
  const made = await importLiveTalking(source, { id: 'more', root });
  t.equal(made.frames, 6);
  t.match(made.notes, [/9 pictures and 6 boxes/]);
});

t.test('what is no avatar is refused with its reason, and nothing is left', async (t) => {
  const { source, root } = await folder(t, 'wav2lip.pkl');
  await mkdir(root);
  const cases: [() => Promise<unknown> | unknown, { code: string; message: RegExp }][] = [
    [
      () => undefined,
      { code: 'stream/format', message: /row 0, \[10, 38, 20, 44\], is no box .* musetalk.*left, top/ },
    ],
    [
      () => copyFile(join(fixtures, 'attack.pkl'), join(source, 'coords.pkl')),
      { code: 'stream/wrong-type', message: /posix\.system/ },
    ],
    [() => writeFile(join(source, 'coords.pkl'), 'what'), { code: 'stream/format', message: /coords\.pkl/ }],
  ];
  for (const [n, [change, expected]] of cases.entries()) {
    await change();
    const options = { id: 'x', root, ...(n === 0 ? { model: 'musetalk' as const } : {}) };
    await t.rejects(importLiveTalking(source, options), expected);
  }
  await copyFile(join(fixtures, 'wav2lip.pkl'), join(source, 'coords.pkl'));
  await t.rejects(importLiveTalking(source, { id: '../x', root }), { code: 'resource/settings' });
  await writeFile(join(source, 'full_imgs', '3.png'), 'broken');
  await t.rejects(importLiveTalking(source, { id: 'x', root }), {
    code: 'stream/decode',
    message: /3\.png is not a picture/,
  });
  await sharp({ create: { width: 32, height: 32, channels: 3, background: '#000' } })
    .png()
    .toFile(join(source, 'full_imgs', '3.png'));
  await t.rejects(importLiveTalking(source, { id: 'x', root }), {
    code: 'stream/format',
    message: /3\.png measures 32x32/,
  });
  await writeFile(join(source, 'full_imgs', 'face.png'), '');
  await t.rejects(importLiveTalking(source, { id: 'x', root }), {
    code: 'stream/format',
    message: /face\.png: .*numbered/,
  });
  await t.rejects(importLiveTalking(join(source, 'none'), { id: 'x', root }), { code: 'resource/not-found' });
  await t.rejects(importLiveTalking(root, { id: 'x', root }), {
    message: /it has no full_imgs and no coords\.pkl/,
  });
  t.same(await readdir(root), []);
  t.notOk(existsSync('/tmp/talkgraph-was-here'));
});

t.test('an id that is taken is kept, unless it shall be replaced; an abort leaves nothing', async (t) => {
  const { source, root } = await folder(t, 'wav2lip.pkl');
  await importLiveTalking(source, { id: 'mine', root });
  await t.rejects(importLiveTalking(source, { id: 'mine', root }), {
    code: 'resource/settings',
    message: /There is an avatar mine already.*--replace/,
  });
  await importLiveTalking(source, { id: 'mine', root, replace: true, name: 'Again' });
  t.equal((await readAvatar('mine', root)).manifest.name, 'Again');
  const control = new AbortController();
  const aborted = importLiveTalking(source, {
    id: 'gone',
    root,
    signal: control.signal,
    progress: (done) => done === 3 && control.abort(new Error('enough')),
  });
  await t.rejects(aborted, { message: 'enough' });
  t.same(await readdir(root), ['mine']);
});

t.test('the default model gets its squares from the faces that are found', async (t) => {
  // Every eighth picture of ava, as LiveTalking would have them: whole pixels, and boxes of a detector.
  const source = join(t.testdir({ live: { full_imgs: {} } }), 'live');
  const root = join(source, '..', 'avatars');
  const { folder: own, manifest } = await readAvatar('ava', avatarsFolder());
  const truth = (manifest.boxes as [number, number, number, number][]).filter((_, n) => n % 8 === 0);
  const rows = truth.map(([x, y, w, h]) => {
    const box = [y + 0.08 * h, y + 0.9 * h, x + 0.15 * w, x + 0.85 * w];
    return tuple(...box.map((value) => long(Math.round(value))));
  });
  await writeFile(join(source, 'coords.pkl'), pickle(list(...rows)));
  for (let n = 0; n < truth.length; n++) {
    const file = join(own, frameFile(manifest.files!, 8 * n));
    await sharp(file)
      .flatten({ background: '#d9dee4' })
      .png()
      .toFile(join(source, 'full_imgs', `${n}.png`));
  }
  const made = await importAndLook(source, { id: 'seen', root });
  t.same(made.notes, []);
  const avatar = await openAvatar('seen', { root });
  t.teardown(() => avatar.close());
  const off = truth.map(([x, y, w, h], n) => {
    const box = avatar.box(n);
    return Math.hypot(box.x + box.w / 2 - x - w / 2, box.y + 0.63 * box.h - y - 0.63 * h) / w;
  });
  t.ok(
    Math.max(...off) < 0.04,
    `the lips are ${(100 * Math.max(...off)).toFixed(1)} % of the box off at most`,
  );
  t.ok(Math.abs(avatar.box(5).w / truth[5]![2] - 1) < 0.1);
  const { source: grey, root: other } = await folder(t, 'wav2lip.pkl');
  const without = await importAndLook(grey, { id: 'grey', root: other });
  t.match(without.notes, [/No face was found/]);
});

t.test('latents are tensors of equal shape', async (t) => {
  const latents = await TensorList.open(join(fixtures, 'latents.pt'));
  t.equal(latents.count, 3);
  t.same(latents.shape, [1, 8, 4, 4]);
  const [one, two] = [await latents.floats(0), await latents.floats(1)];
  t.equal(one.length, 128);
  t.notSame(one, two);
  await t.rejects(latents.floats(3), { message: /below 3 but received 3/ });
  await latents.close();
  await t.rejects(TensorList.open(join(fixtures, 'wav2lip.pkl')), { code: 'stream/format' });
});
