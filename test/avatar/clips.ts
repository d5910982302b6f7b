/** Clips of avatars: the package, and LiveTalking's custom actions. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import {
  Cast,
  checkAvatar,
  clipId,
  findAvatar,
  listClips,
  openAvatar,
  readActions,
  readAvatar,
} from '../../src/avatar/index.js';
import { importClips } from '../../src/avatar/making.js';
import { playedClip } from '../../src/avatar/played-clip.js';
import { putAvatar } from '../support/drawnavatar.js';
import { wave } from '../voice/fixtures/file.js';

const drawn = { width: 128, height: 96, frames: 2, side: 60 };

/** A folder as LiveTalking's: `data/actions.json` with `actions`, pictures and a sound under `data/video`. */
async function actions(t: Test, list: unknown): Promise<{ file: string; root: string }> {
  const folder = t.testdir({ data: { video: { wave: {}, none: {} } } });
  for (const n of [0, 1, 2]) {
    const background = { r: 40 + 20 * n, g: 90, b: 90 };
    const picture = sharp({ create: { width: 65, height: 48, channels: 3, background } });
    await picture.png().toFile(join(folder, 'data', 'video', 'wave', `0000${n}.png`));
  }
  await writeFile(join(folder, 'data', 'video', 'wave.WAV'), wave(0.2));
  const file = join(folder, 'data', 'actions.json');
  await writeFile(file, typeof list === 'string' ? list : JSON.stringify(list));
  const root = join(folder, 'avatars');
  await mkdir(root);
  await putAvatar(root, 'one', drawn);
  return { file, root };
}

const both = [
  { audiotype: 1, imgpath: 'data/video/wave' },
  { audiotype: 7, imgpath: 'video/wave', audiopath: 'data/video/wave.WAV' },
];

t.test('custom actions of LiveTalking become clips: 1 is idle, others keep their number', async (t) => {
  const { file, root } = await actions(t, both);
  const seen: number[] = [];
  const read = await readActions(file);
  const clips = await importClips('one', read, { root, progress: (done) => seen.push(done) });
  t.match(clips, [
    { name: 'idle', width: 64, height: 48, frames: 3, sound: false },
    { name: '7', sound: true },
  ]);
  t.equal(seen.at(-1), 6);
  const { folder } = await findAvatar('one', root);
  t.strictSame(await listClips(folder), ['7', 'idle']);
  const { manifest } = await readAvatar(clipId('one', '7'), root);
  t.equal(manifest.sound, 'sound.wav');
  t.equal(manifest.boxes, undefined);
  t.strictSame(
    (await checkAvatar(clipId('one', '7'), { root })).map(({ severity }) => severity),
    ['warning'],
    'whole, but nobody said who may use it',
  );
  await rm(join(folder, 'clips', '7', 'sound.wav'));
  t.match(
    (await checkAvatar('one', { root })).filter(({ severity }) => severity === 'error'),
    [{ text: /^Clip 7: Its files are not the ones that were written/ }],
    'a look at the avatar is one at its clips',
  );
  await t.rejects(importClips('one', read, { root }), { code: 'resource/settings', message: /--replace/ });
  await importClips('one', read, { root, replace: true });
  t.strictSame((await openAndClose('one', root)).clips, ['7', 'idle']);
});

async function openAndClose(id: string, root: string) {
  const avatar = await openAvatar(id, { root });
  avatar.close();
  return avatar;
}

t.test('says what is wrong with a list of actions', async (t) => {
  const wrong: [unknown, string, RegExp][] = [
    ['{', 'stream/format', /it is no JSON/],
    [[], 'stream/format', /expected a list of \{"audiotype"/],
    [[{ audiotype: 0, imgpath: 'x' }], 'stream/format', /N from 1; 0.audiotype/],
    [[{ audiotype: 2 }], 'stream/format', /0.imgpath/],
    [[both[1], both[1]], 'stream/format', /audiotype 7 comes twice/],
    [
      [{ audiotype: 2, imgpath: 'nowhere' }],
      'resource/not-found',
      /names the folder nowhere, which is none of/,
    ],
    [[{ audiotype: 2, imgpath: 'video/none' }], 'resource/not-found', /no PNG or JPEG/],
    [[{ ...both[1], audiopath: 'video/x.wav' }], 'resource/not-found', /names the file video\/x.wav/],
    [
      [{ ...both[1], audiopath: 'actions.json' }],
      'stream/format',
      /expected sound in a file that ends in .wav/,
    ],
  ];
  for (const [list, code, message] of wrong) {
    const { file } = await actions(t, list);
    await t.rejects(readActions(file), { code, message });
  }
  await t.rejects(readActions('/nowhere.json'), { code: 'resource/not-found' });
});

t.test('a name of a clip leads nowhere else', async (t) => {
  const { root } = await actions(t, both);
  for (const name of ['../one', '..', '', 'a/b', '/etc'])
    await t.rejects(findAvatar(clipId('one', name), root), { code: /resource/ });
  await t.rejects(findAvatar('../x/clips/y', root), { code: 'resource/not-found' });
});

t.test('clips are opened and closed with their avatar, one that is broken is told', async (t) => {
  const { file, root } = await actions(t, both);
  await importClips('one', await readActions(file), { root });
  await mkdir(join(root, 'one', 'clips', 'bad'));
  await writeFile(join(root, 'one', 'clips', 'bad', 'avatar.yaml'), 'name: bad\n');
  const told: string[] = [];
  const cast = new Cast({ root }, ({ message }) => told.push(message));
  const avatar = await cast.begin('one', { width: 0, height: 0, background: '' });
  const clip = cast.clip('one', '7');
  t.match(clip, { width: 128, height: 96, count: 3 }, 'of the size of the avatar');
  t.match(told, [/bad.*width/]);
  t.equal(cast.clip('one', 'bad'), undefined);
  cast.close();
  t.same([avatar.closed, clip?.closed], [true, true]);
});

t.test('who plays a clip learns its sound and its length, or what is missing', async (t) => {
  const { file, root } = await actions(t, both);
  await importClips('one', await readActions(file), { root });
  const folder = join(root, 'one');
  t.match(await playedClip(folder, '7', ''), { frames: 3, sound: join(folder, 'clips', '7', 'sound.wav') });
  t.match(await playedClip(folder, 'idle', ''), { frames: 3, sound: undefined });
  await t.rejects(playedClip('', 'wave', ''), { code: 'library/settings', message: /avatar= .*"wave"/ });
});
