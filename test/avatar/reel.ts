/** Long avatars: pictures are read when they are wanted. */
import { readdirSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Avatar, openAvatar, storeUse } from '../../src/avatar/index.js';
import { type Pixels, writePackage } from '../../src/avatar/package.js';
import { SLAB } from '../../src/avatar/reel.js';
import { pictureBytes } from '../../src/picture/picture.js';
import { putHalfHour } from '../support/halfhour.js';
import { until } from '../support/script.js';

// Half an hour of pictures and two threads: a busy machine needs its time.
t.setTimeout(240_000);

const SIZE = 64;
/** With this little memory an avatar of that many pictures cannot be kept whole. */
const FRAMES = 400;
const each = pictureBytes(SIZE, SIZE);
process.env['TALKGRAPH_AVATAR_MEMORY'] = '2';

const grey = (n: number) => 20 + (n % 200);
const luma = (n: number) => 16 + (grey(n) * 219) / 255;

async function* pictures(channels: 3 | 4 = 3): AsyncIterable<Pixels> {
  for (let n = 0; n < FRAMES; n++)
    yield { data: new Uint8Array(SIZE * SIZE * channels).fill(grey(n)), channels };
}

/** An avatar of 400 pictures that name themselves. */
async function long(t: Test, store: 'pictures' | 'film'): Promise<string> {
  const root = t.testdir();
  const row = (n: number) => [10 + n / 100, 12, 30, 30] as const;
  await writePackage(root, 'long', {
    about: { name: 'Long', width: SIZE, height: SIZE, licence: 'none' },
    pictures: pictures(),
    count: FRAMES,
    boxes: () => ({ own: Array.from({ length: FRAMES }, (_, n) => row(n)) }),
    comment: ['A test.'],
    store,
  });
  return root;
}

const shows = (avatar: Avatar, n: number) => Math.abs(avatar.data(n)[SIZE * 7 + 3]! - luma(n)) <= 2;

for (const store of ['pictures', 'film'] as const) {
  t.test(`${store}: any picture at any time, a few of them in memory`, async (t) => {
    const root = await long(t, store);
    const avatar = await openAvatar('long', { root });
    t.teardown(() => avatar.close());
    t.notOk(avatar.whole);
    t.equal(storeUse().bytes, 2 * SLAB * each);
    t.notOk(avatar.has(300));
    t.throws(() => avatar.data(300), { message: /frame 300 of "long" to be loaded/ });
    for (const n of [300, 0, 399, 200, 300, 1]) {
      await avatar.load(n);
      t.ok(avatar.has(n) && shows(avatar, n), `picture ${n}`);
    }
    for (let n = 0; n < FRAMES; n++) {
      await avatar.load(n);
      if (!shows(avatar, n)) t.fail(`picture ${n}`);
    }
    t.ok(avatar.has(FRAMES - 1 - SLAB), 'the last ones are kept');
    t.notOk(avatar.has(0), 'the first ones are not');
    t.equal(avatar.face(FRAMES - 1, 32).length, 3 * 32 * 32);
  });
}

t.test('many at once: each gets its own, and what is asked for twice is read once', async (t) => {
  const root = await long(t, 'film');
  const avatar = await openAvatar('long', { root });
  t.teardown(() => avatar.close());
  const wanted = Array.from({ length: 30 }, (_, n) => (n * 7) % FRAMES);
  await Promise.all(
    wanted.map(async (n) => {
      await avatar.load(n);
      t.ok(shows(avatar, n), `picture ${n}`);
    }),
  );
});

t.test('what comes next is read ahead, there and back', async (t) => {
  const root = await long(t, 'film');
  const avatar = await openAvatar('long', { root });
  t.teardown(() => avatar.close());
  avatar.ahead(FRAMES + 5);
  const there = Array.from({ length: 8 }, (_, k) => avatar.index(FRAMES + 5 + k));
  t.same(there, [394, 393, 392, 391, 390, 389, 388, 387]);
  await until(() => there.every((n) => avatar.has(n)));
  t.ok(
    there.every((n) => shows(avatar, n)),
    'nobody asked for one of them',
  );
});

t.test('users share one reel, more of them keep more; the last one frees it', async (t) => {
  const root = await long(t, 'pictures');
  const one = await openAvatar('long', { root });
  const two = await openAvatar('long', { root });
  t.equal(storeUse().avatars, 1);
  t.equal(storeUse().bytes, 3 * SLAB * each);
  await one.load(9);
  t.equal(two.data(9), one.data(9));
  one.close();
  t.ok(shows(two, 9));
  const late = two.load(77).then(
    () => 'there',
    (error: Error) => error.message,
  );
  two.close();
  t.match(await late, /cannot be read|is not a picture/, 'who waits is told');
  t.same(storeUse(), { avatars: 0, bytes: 0 });
});

t.test('other sizes: scaled and letterboxed before the background', async (t) => {
  const root = await long(t, 'film');
  const avatar = await openAvatar('long', { root, width: 96, height: 64, background: '#ffffff' });
  t.teardown(() => avatar.close());
  await avatar.load(5);
  const row = avatar.data(5).subarray(96 * 30, 96 * 31);
  t.equal(row[3], 235, 'white beside it');
  t.ok(Math.abs(row[48]! - luma(5)) <= 2);
  t.same(avatar.box(0), { x: 16 + 10, y: 12, w: 30, h: 30 });
});

t.test('a film that is cut off, or ends meanwhile, is told', async (t) => {
  const root = await long(t, 'film');
  const file = join(root, 'long', 'film.i420');
  const avatar = await openAvatar('long', { root });
  t.teardown(() => avatar.close());
  await truncate(file, 100 * each);
  await avatar.load(50);
  await t.rejects(avatar.load(333), { code: 'stream/decode', message: /picture 333 of .*film\.i420/ });
  await avatar.load(51);
  t.ok(shows(avatar, 51), 'the others still come');
  await t.rejects(
    openAvatar('long', { root }).then((again) => again.close()),
    {
      code: 'stream/format',
      message: new RegExp(`should be ${FRAMES * each} bytes .* has ${100 * each}`),
    },
  );
});

t.test('a transparent one cannot be a film', async (t) => {
  const root = t.testdir();
  await t.rejects(
    writePackage(root, 'clear', {
      about: { name: 'Clear', width: SIZE, height: SIZE },
      pictures: pictures(4),
      count: FRAMES,
      boxes: () => ({ own: [] }),
      comment: [],
      store: 'film',
    }),
    { code: 'stream/format', message: /cannot be transparent/ },
  );
  t.same(readdirSync(root), []);
});

t.test('half an hour of ava opens at once and takes little, whoever plays it', async (t) => {
  process.env['TALKGRAPH_AVATAR_MEMORY'] = '1024';
  const root = t.testdir();
  putHalfHour(root);
  // The threads are there before: under the test runner each of them loads a compiler.
  const first = await openAvatar('long', { root });
  t.teardown(() => first.close());
  const before = process.memoryUsage().rss;
  const avatars = await Promise.all(Array.from({ length: 8 }, () => openAvatar('long', { root })));
  t.teardown(() => avatars.map((avatar) => avatar.close()));
  t.equal(storeUse().avatars, 1);
  for (let k = 0; k < 40; k++) {
    // Four sessions at four places: each has its avatar open twice, in the model's element and in the compositor.
    await Promise.all(
      avatars.map(async (avatar, i) => {
        const n = Math.floor(i / 2) * 11_000 + k;
        avatar.ahead(n);
        await avatar.load(n);
      }),
    );
  }
  const grown = (process.memoryUsage().rss - before) / 1e6;
  t.ok(grown < 200, `${Math.round(grown)} MB`);
  t.comment(`four sessions on half an hour of 512x768: ${Math.round(grown)} MB`);
});
