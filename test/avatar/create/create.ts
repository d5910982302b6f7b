/** Videos and photos become avatars: filmed from the presenters, whose mouths are closed and known. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { type CreateOptions, type CreateProgress, createAvatar } from '../../../src/avatar/create/index.js';
import { type Avatar, openAvatar } from '../../../src/avatar/index.js';
import { besides, film, grey, soundFilm } from '../../support/film.js';

t.setTimeout(240_000);
const [ava, max] = [await openAvatar('ava'), await openAvatar('max')];
t.teardown(() => [ava, max, small].map((avatar) => avatar.close()));
const size = { width: ava.width, height: ava.height };
/** Where it does not matter how exactly a mouth is found. */
const small = await openAvatar('ava', { width: 256, height: 384 });

const frames = (avatar: Avatar, count: number) => Array.from({ length: count }, (_, n) => avatar.data(n));

function room(t: Test, name = 'take.mkv') {
  const folder = t.testdir();
  const file = join(folder, name);
  const create = (options: Partial<CreateOptions> = {}) =>
    createAvatar({ source: file, id: 'take', folder: join(folder, 'avatars'), ...options });
  return { folder, file, avatars: join(folder, 'avatars'), create };
}

t.test(
  'a film of somebody who listens becomes an avatar: as it was filmed, boxes where the mouth is',
  async (t) => {
    const { file, create, avatars } = room(t);
    await film(file, frames(ava, 60), size);
    const told: CreateProgress[] = [];
    const made = await create({
      name: 'Somebody',
      licence: 'for this test',
      consent: 'nobody had to be asked',
      progress: (now) => told.push(now),
    });
    t.match(made, { id: 'take', ...size, frames: 60, closed: 0 });
    t.same(
      made.findings.filter(({ kind }) => kind !== 'short'),
      [],
    );
    const avatar = await openAvatar('take', { root: avatars });
    t.teardown(() => avatar.close());
    t.match(avatar, { name: 'Somebody', count: 60, loop: 'there-and-back', framerate: { num: 25, den: 1 } });
    for (const n of [0, 30, 59]) {
      const [found, known] = [avatar.box(n), ava.box(n)];
      const off = [
        found.x + found.w / 2 - known.x - known.w / 2,
        found.y + 0.63 * found.h - known.y - 0.63 * known.h,
      ];
      t.ok(
        Math.hypot(...off) < 0.015 * known.w,
        `${n}: the box is off by ${Math.hypot(...off).toFixed(2)} px`,
      );
      const [a, b] = [avatar.data(n), ava.data(n)];
      let sum = 0;
      for (let i = 0; i < size.width * size.height; i++) sum += Math.abs(a[i]! - b[i]!);
      t.ok(sum / (size.width * size.height) < 1.5, 'the picture is the same, twice compressed');
    }
    const parts = told.map(({ part }) => part ?? 0);
    t.ok(
      parts.every((part, i) => i === 0 || part >= parts[i - 1]!) && parts.at(-1) === 1,
      'progress goes up to the end',
    );
    t.same(new Set(told.map(({ stage }) => stage)), new Set(['reading', 'writing']));
    t.same(readdirSync(avatars), ['take'], 'nothing else is left');
  },
);

t.test(
  'cuts, people who leave and a second face are told by time; the longest part in one piece is used',
  async (t) => {
    const { file, create } = room(t);
    const [width, height] = [640, 480];
    const both = (n: number) => besides([ava, max], n, width, height);
    const one = (n: number) => besides([ava], n, width, height);
    const scenes = [
      ...Array.from({ length: 30 }, (_, n) => one(n)),
      ...Array.from({ length: 15 }, () => grey(width, height)),
      ...Array.from({ length: 40 }, (_, n) => both(n)),
    ];
    await film(file, scenes, { width, height });
    const { findings, from, to } = await create();
    const told = (kind: string) => findings.filter((one) => one.kind === kind);
    t.match(told('no-face'), [{ level: 'error', from: 1.2, to: 1.8 }]);
    t.match(
      told('cut').map(({ from }) => from),
      [1.2, 1.8],
    );
    t.match(told('two-faces'), [{ level: 'warning', from: 1.8, to: 3.4 }]);
    t.match(told('short'), [{ level: 'warning' }]);
    t.same([from, to], [1.8, 3.4]);
  },
);

t.test('somebody who fades away without a cut is gone, too', async (t) => {
  const { file, create } = room(t);
  const [whole, none] = [small.data(0), grey(small.width, small.height, 206)];
  const fade = Array.from({ length: 60 }, (_, n) => {
    const part = Math.min(1, Math.max(0, (n - 40) / 10));
    return whole.map((level, i) => Math.round(level * (1 - part) + none[i]! * part));
  });
  await film(file, fade, small);
  const { findings, to } = await create();
  const [gone] = findings.filter(({ kind }) => kind === 'no-face');
  t.match(gone, { level: 'error', to: 2.4 });
  t.ok(gone!.from > 1.6 && gone!.from <= 2.04, `gone from ${gone!.from} s`);
  t.ok(to <= gone!.from);
  t.notOk(
    findings.some(({ kind }) => kind === 'cut'),
    'that is no cut',
  );
});

t.test(
  'what is turned by its tag stands upright; another rate becomes 25; a part can be cut out',
  async (t) => {
    const { file, create, avatars } = room(t, 'take.mov');
    // Lying on its side, as a phone writes it.
    const lying = frames(ava, 40).map((data) => sideways(data));
    await film(file, lying, {
      width: ava.height,
      height: ava.width,
      rate: 20,
      lying: true,
    });
    const made = await create({ crop: [56, 100, 400, 500], size: 250 });
    t.match(made, { width: 200, height: 250 });
    t.ok(Math.abs(made.frames - 50) <= 2, `two seconds are ${made.frames} pictures ${JSON.stringify(made)}`);
    const avatar = await openAvatar('take', { root: avatars });
    t.teardown(() => avatar.close());
    const [found, known] = [avatar.box(0), ava.box(0)];
    t.ok(Math.abs(2 * (found.x + found.w / 2) + 56 - known.x - known.w / 2) < 3);
    t.ok(Math.abs(2 * (found.y + 0.63 * found.h) + 100 - known.y - 0.63 * known.h) < 3);
  },
);

t.test('a photo that stays still becomes an avatar of one picture', async (t) => {
  const { folder, create } = room(t);
  const source = join(folder, 'photo.jpg');
  await sharp(join(max.folder, 'frames', '000.webp'))
    .flatten({ background: '#345' })
    .jpeg({ quality: 95 })
    .toFile(source);
  t.match(await create({ source, still: true }), { frames: 1, width: 512, height: 768, findings: [] });
});

t.test('nothing is left of what cannot be made, and an avatar that is there stays', async (t) => {
  const { folder, file, create, avatars } = room(t);
  await film(
    file,
    Array.from({ length: 30 }, () => grey(320, 240)),
    { width: 320, height: 240 },
  );
  const error = await create().catch((e: unknown) => e as { details: { findings: string } });
  t.match(error, { code: 'stream/format', message: /cannot become an avatar: There is no face/ });
  t.match(JSON.parse((error as { details: { findings: string } }).details.findings), [
    { kind: 'no-face', from: 0, to: 1.2 },
  ]);
  const text = join(folder, 'text.mp4');
  writeFileSync(text, 'not a video at all, though its name says so'.repeat(100));
  await t.rejects(create({ source: text }), { code: 'stream/wrong-type' });
  const sound = join(folder, 'sound.mkv');
  await soundFilm(sound);
  await t.rejects(create({ source: sound }), { code: 'stream/wrong-type' });
  const list = join(folder, 'list.mp4');
  let asked = 0;
  const server = createServer((_, reply) => {
    asked++;
    reply.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    list,
    `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:${port}/a.ts\n#EXT-X-ENDLIST\n`,
  );
  await t.rejects(create({ source: list }), { code: 'stream/wrong-type' });
  t.equal(asked, 0, 'a playlist makes nobody fetch anything');
  await t.rejects(create({ source: join(folder, 'none.mp4') }), { code: 'resource/not-found' });
  await t.rejects(create({ source: folder }), { code: 'resource/read' });
  await t.rejects(create({ crop: [0, 0, 400, 100] }), {
    code: 'resource/settings',
    message: /part of 320x240/,
  });
  for (const id of ['../out', '.hidden', 'a/b', ''])
    await t.rejects(create({ id }), { code: 'resource/settings' });
  await t.rejects(create({ name: 'x'.repeat(101) }), { code: 'resource/settings', message: /name: .*100/ });
  t.notOk(existsSync(avatars));

  await film(file, frames(small, 50), small);
  await create();
  await t.rejects(create(), { code: 'resource/settings', message: /already/ });
  t.equal((await create({ replace: true, length: 1 })).frames, 25);
  const abort = new AbortController();
  const stopped = create({
    replace: true,
    signal: abort.signal,
    progress: ({ stage, done }) => stage === 'writing' && done > 3 && abort.abort(new Error('enough')),
  });
  await t.rejects(stopped, { message: 'enough' });
  t.same(readdirSync(avatars), ['take']);
  const avatar = await openAvatar('take', { root: avatars });
  t.equal(avatar.count, 25, 'the one from before');
  avatar.close();
});

/** An I420 picture of ava turned by a quarter to the left: its tag turns it back. */
function sideways(data: Uint8Array): Uint8Array {
  const out = grey(size.height, size.width);
  let [from, to] = [0, 0];
  for (const [w, h] of [
    [size.width, size.height],
    [size.width / 2, size.height / 2],
    [size.width / 2, size.height / 2],
  ] as const) {
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++) out[to + (w - 1 - x) * h + y] = data[from + y * w + x]!;
    from += w * h;
    to += w * h;
  }
  return out;
}
