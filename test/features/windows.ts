import t from 'tap';
import { firstFrame, frameStart } from '../../src/features/windows.js';

t.test('frames begin where the rates say, fractions included', async (t) => {
  t.equal(frameStart(3, { num: 25, den: 1 }, 16_000), 1_920);
  t.equal(frameStart(1, { num: 30, den: 1 }, 16_000), 16_000 / 30);
});

t.test('the first frame of a stretch is the one that begins in it, rounding forgiven', async (t) => {
  const pal = { num: 25, den: 1 };
  t.equal(firstFrame(0, pal, 16_000), 0);
  t.notOk(Object.is(firstFrame(0, pal, 16_000), -0));
  t.equal(firstFrame(640, pal, 16_000), 1);
  t.equal(firstFrame(641, pal, 16_000), 2);
  t.equal(firstFrame(533, { num: 30, den: 1 }, 16_000), 1);
});
