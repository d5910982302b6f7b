/** A live session with clips, replayed: the same samples and the same pictures, byte for byte. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { putAvatar } from '../support/drawnavatar.js';
import { closeAll, replays } from '../support/replays.js';
import { wave } from '../voice/fixtures/file.js';

t.setTimeout(240_000);
t.teardown(closeAll);

const drawn = { width: 128, height: 96, frames: 7, side: 60 };
const root = await putAvatar(t.testdir(), 'one', drawn);
const clips = join(root, 'one', 'clips');
await putAvatar(clips, 'idle', { ...drawn, frames: 5 });
await putAvatar(clips, 'wave', { ...drawn, width: 64, frames: 30 });
await putAvatar(clips, 'sing', { ...drawn, frames: 4 }, { sound: 'sound.wav' });
// 0.73 s at another rate than the session's.
await writeFile(join(clips, 'sing', 'sound.wav'), wave(0.73, { rate: 16_000, channels: 1 }));
const avatar = join(root, 'one');

t.test('a clip without sound, one with, and speech before, between and behind', async (t) => {
  const { entries } = await replays(
    t,
    async (live) => {
      live.say('Look.');
      live.clip('wave');
      live.clip('sing');
      live.say('Done.');
      await live.told(4);
    },
    { avatar },
  );
  const told = entries
    .slice(1)
    .map((entry) => JSON.parse(entry) as Record<string, { name?: string; runs: number[][] }>);
  t.same(
    told.map((entry) => Object.keys(entry)[0]),
    ['say', 'clip', 'clip', 'say'],
  );
  const samples = (n: number) => told[n]?.['clip']?.runs.reduce((sum, [, , count = 0]) => sum + count, 0);
  t.equal(samples(1), 30 * 960, 'as long as its pictures');
  t.equal(samples(2), 17_520, 'as long as its sound');
});

t.test('a cut ends a clip, which fades', async (t) => {
  await replays(
    t,
    async (live) => {
      live.clip('sing');
      live.clip('wave');
      await live.heard(30);
      live.cut();
      await live.heard(10, false);
      live.say('Sorry.');
      await live.heard(20);
    },
    { avatar, face: 'fade=200' },
  );
});
