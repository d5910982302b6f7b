import t from 'tap';
import { Replay, toPassages } from '../../src/voice/replay.js';
import type { ScheduleEntry } from '../../src/voice/schedule.js';
import { Timeline } from '../../src/voice/timeline.js';

const say = (id: string, ...runs: [number, number, number][]): ScheduleEntry => ({
  say: { id, text: id, voice: 'tone', runs },
});
const cut = (number: number, from: number, frame: number): ScheduleEntry => ({
  cut: { number, from, frame },
});
const timeline = () =>
  new Timeline({ rate: 8800, fps: { num: 24, den: 1 }, lead: 0, lookAhead: 0, pacing: 'schedule' });

t.test('a schedule is said in passages, each up to a cut', async (t) => {
  const passages = toPassages([
    say('a', [3, 0, 700]),
    say('never begun'),
    cut(1, 11, 7),
    { picture: { cut: 1, frame: 9, kept: true } },
    say('b', [12, 0, 99]),
    { sound: { cut: 1, end: 310e6, faded: 320e6 } },
  ]);
  t.match(
    passages.map(({ says }) => says.map(({ id }) => id)),
    [['a'], ['b']],
  );
  t.strictSame(passages[0]?.cut, {
    from: 11,
    frame: 7,
    picture: { cut: 1, frame: 9, kept: true },
    sound: { cut: 1, end: 310e6, faded: 320e6 },
  });
  t.equal(passages[1]?.cut, undefined);
});

t.test(
  'of two cuts that a gate saw as one, the first takes effect and nothing is left for the second',
  async (t) => {
    const [one, two] = toPassages([
      cut(1, 11, 7),
      cut(2, 7, 7),
      { sound: { cut: 2, end: 300e6, faded: 310e6 } },
      { picture: { cut: 2, frame: 9, kept: true } },
    ]);
    t.match(one?.cut, { sound: { end: 300e6, faded: 310e6 }, picture: { frame: 9, kept: true } });
    t.strictSame(two?.cut, {
      from: 7,
      frame: 7,
      sound: { end: 310e6, faded: 310e6 },
      picture: { frame: 10, kept: false },
    });
  },
);

t.test(
  'a cut is announced before the first frame it ends something in, once, and is due at its own',
  async (t) => {
    const clock = timeline();
    const replay = new Replay([
      say('a', [0, 0, 9000]),
      cut(1, 11, 7),
      { sound: { cut: 1, end: clock.ptsOf(8) + 5, faded: clock.ptsOf(8) + 10e6 } },
      { picture: { cut: 1, frame: 9, kept: true } },
      say('b', [12, 0, 99]),
    ]);
    t.equal(replay.until, 11);
    t.strictSame(replay.announce(7, clock), []);
    const [event] = replay.announce(8, clock);
    t.match(event, {
      name: 'replay-cut',
      fields: { pts: clock.ptsOf(8), picture: clock.ptsOf(10), closing: 9 },
    });
    t.strictSame(replay.announce(9, clock), []);
    t.equal(replay.due(10), undefined);
    t.match(replay.due(11), { frame: 7 });
    t.match(replay.says, [{ id: 'b' }]);
    t.equal(replay.until, 0);
    t.strictSame(replay.announce(30, clock), [], 'no cut is left');
  },
);

t.test('a cut that no gate told of ends what follows the frame it went back to', async (t) => {
  const clock = timeline();
  const replay = new Replay([say('a', [0, 0, 9000]), cut(1, 11, 7)]);
  t.strictSame(replay.announce(7, clock), []);
  const [event] = replay.announce(8, clock);
  const end = clock.ptsOf(8);
  t.match(event?.fields, { sound: end, faded: end + 10e6, picture: end });
});
