import t from 'tap';
import { avatarMark, FrameClock, sceneMark } from '../../src/lipsync/frameclock.js';

t.test('counts frames from PTS, at any rate and for hours', async (t) => {
  const pal = new FrameClock({ num: 25, den: 1 }, 'ava');
  t.match(pal.at(0), { avatar: 'ava', counter: 0 });
  t.match(pal.at(40e6 * 1_000_003), { avatar: 'ava', counter: 1_000_003 });
  const ntsc = new FrameClock({ num: 30_000, den: 1001 }, 'ava');
  for (const n of [1, 29, 1_000_001]) t.equal(ntsc.at(Math.round((n * 1001e9) / 30_000)).counter, n);
});

t.test('a mark changes the avatar from its moment on, and where its loop begins', async (t) => {
  const clock = new FrameClock({ num: 25, den: 1 }, 'ava');
  clock.mark({ name: 'max', pts: 400e6, counter: 7 });
  t.match(clock.at(360e6), { avatar: 'ava', counter: 9 });
  t.match(clock.at(400e6), { avatar: 'max', counter: 7 });
  t.match(clock.at(440e6), { avatar: 'max', counter: 8 });
  clock.mark({ name: 'ava', pts: 200e6, counter: 0 });
  t.match(clock.at(440e6), { avatar: 'ava', counter: 6 }, 'a mark takes back the later ones');
});

t.test('keeps a bounded number of marks', async (t) => {
  const clock = new FrameClock({ num: 25, den: 1 }, 'ava');
  for (let i = 1; i < 1000; i++) clock.mark({ name: `a${i}`, pts: i * 40e6, counter: 0 });
  t.match(clock.at(999 * 40e6), { avatar: 'a999', counter: 0 });
  t.equal(clock.at(0).avatar, 'a984', 'before all kept marks: the oldest of them');
});

t.test('reads marks from events and ignores what is none', async (t) => {
  t.same(avatarMark({ name: 'max', pts: 5 }), { name: 'max', pts: 5, counter: 0 });
  t.same(avatarMark({ name: 'max', pts: 5, counter: 3 }), { name: 'max', pts: 5, counter: 3 });
  t.equal(avatarMark({ name: 'max' }), undefined);
  t.equal(avatarMark({ pts: 5 }), undefined);
});

t.test('a clip begins with its first frame, and behind it the avatar is where it would be', async (t) => {
  const clock = new FrameClock({ num: 25, den: 1 }, 'ava');
  clock.act({ pts: 400e6, is: 'clip', name: 'wave' });
  clock.act({ pts: 530e6, is: 'rest' });
  t.match(clock.at(360e6), { avatar: 'ava', counter: 9 });
  t.match(clock.at(400e6), { avatar: 'ava', counter: 10, clip: { name: 'wave', counter: 0 } });
  t.match(clock.at(520e6), { avatar: 'ava', counter: 13, clip: { name: 'wave', counter: 3 } });
  t.match(clock.at(560e6), { avatar: 'ava', counter: 14 }, 'the frame in which it ends is the last');
  t.notOk(clock.at(560e6).clip);
  t.notOk(clock.at(360e6).clip);
});

t.test('an idle clip is shown while nobody speaks, and both begin with their first frame', async (t) => {
  const clock = new FrameClock({ num: 30_000, den: 1001 }, 'ava', (id) => id === 'ava');
  const pts = (n: number) => Math.round((n * 1001e9) / 30_000);
  const at = (n: number) => clock.at(pts(n));
  clock.act({ pts: pts(7), is: 'speech' });
  clock.act({ pts: pts(11) + 1e6, is: 'rest' });
  t.match(at(6).clip, { name: 'idle', counter: 6 });
  t.match(at(7), { avatar: 'ava', counter: 0 });
  t.match(at(11), { avatar: 'ava', counter: 4 });
  t.notOk(at(7).clip ?? at(11).clip);
  t.match(at(12).clip, { name: 'idle', counter: 0 });
  clock.mark({ name: 'max', pts: pts(20), counter: 2 });
  t.match(at(21), { avatar: 'max', counter: 3 }, 'an avatar without one shows its own loop');
  t.notOk(at(21).clip);
});

t.test('says since when something is shown', async (t) => {
  const clock = new FrameClock({ num: 25, den: 1 }, 'ava', () => true);
  clock.act({ pts: 90e6, is: 'clip', name: 'wave' });
  clock.act({ pts: 200e6, is: 'speech' });
  clock.act({ pts: 280e6, is: 'rest' });
  const since = [0, 80e6, 120e6, 160e6, 200e6, 240e6, 280e6].map((pts) => clock.at(pts).since);
  t.strictSame(since, [0, 0, 120e6, 120e6, 200e6, 200e6, 280e6]);
});

t.test('reads what is done from marks', async (t) => {
  t.same(sceneMark('utterance-start', { pts: 5, id: 'a' }), { pts: 5, is: 'speech' });
  t.same(sceneMark('utterance-end', { pts: 5 }), { pts: 5, is: 'rest' });
  t.same(sceneMark('clip', { pts: 5, name: 'wave' }), { pts: 5, is: 'clip', name: 'wave' });
  t.same(sceneMark('clip', { pts: 5, name: '' }), { pts: 5, is: 'rest' });
  t.equal(sceneMark('clip', { pts: 5 }), undefined);
  t.equal(sceneMark('utterance-pause', { pts: 5 }), undefined);
});
