import t from 'tap';
import { loopIndex } from '../../src/avatar/loop.js';

t.test('there and back shows both ends twice', async (t) => {
  const seen = Array.from({ length: 9 }, (_, n) => loopIndex(n, 3, 'there-and-back'));
  t.same(seen, [0, 1, 2, 2, 1, 0, 0, 1, 2]);
});

t.test('forward begins again', async (t) => {
  t.same(
    Array.from({ length: 7 }, (_, n) => loopIndex(n, 3, 'forward')),
    [0, 1, 2, 0, 1, 2, 0],
  );
});

t.test('a loop of one frame is a still', async (t) => {
  for (const mode of ['forward', 'there-and-back'] as const)
    for (const n of [0, 1, 2, 999]) t.equal(loopIndex(n, 1, mode), 0);
});

t.test('works after a year on the air', async (t) => {
  const n = 25 * 3600 * 24 * 365;
  t.equal(loopIndex(n, 150, 'forward'), n % 150);
  t.equal(loopIndex(n + 1, 150, 'there-and-back'), loopIndex((n + 1) % 300, 150, 'there-and-back'));
});

t.test('counters that are none are refused', async (t) => {
  for (const n of [-1, 0.5, Number.NaN]) t.throws(() => loopIndex(n, 3, 'forward'), TypeError);
  t.throws(() => loopIndex(0, 0, 'forward'), TypeError);
});
