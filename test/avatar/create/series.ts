import t from 'tap';
import { quantile, runs, smooth } from '../../../src/avatar/create/series.js';

t.test('smoothing comes neither early nor late, and leaves a steady motion alone to its ends', async (t) => {
  const step = Array.from({ length: 41 }, (_, i) => (i < 20 ? 0 : i === 20 ? 0.5 : 1));
  const soft = smooth(step, 2);
  for (let i = 0; i < 20; i++) t.ok(Math.abs(soft[20 - i]! + soft[20 + i]! - 1) < 1e-9);
  const steady = Array.from({ length: 30 }, (_, i) => 7 + 0.3 * i);
  t.ok(smooth(steady, 3).every((v, i) => Math.abs(v - steady[i]!) < 1e-9));
  t.same(smooth([5], 2), [5]);
});

t.test('runs and quantiles', async (t) => {
  const holds = [true, true, false, true];
  t.same(
    runs(4, (i) => holds[i]!),
    [
      [0, 2],
      [3, 4],
    ],
  );
  t.same(
    runs(0, () => true),
    [],
  );
  t.equal(quantile([3, 1, 2], 0.5), 2);
  t.throws(() => quantile([], 0.5), RangeError);
});
