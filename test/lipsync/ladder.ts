import t from 'tap';
import { Ladder, type Rung, rungFor } from '../../src/lipsync/ladder.js';

t.test('the rung is the highest one the machine keeps up with', async (t) => {
  for (const [rows, framerate, every] of [
    [235, 25, 1],
    [31.25, 25, 1],
    [31.2, 25, 2],
    [21, 25, 2],
    [15.6, 25, 4],
    [0.1, 25, 4],
    [21, 12.5, 1],
    [60, 50, 2],
  ] as const)
    t.equal(rungFor(rows, framerate), every, `${rows} mouths a second at ${framerate} fps`);
});

const MS40 = 40e6;
const window = (n: number, more: Partial<Rung> = {}): Rung => ({
  pts: n * MS40,
  duration: MS40,
  discont: false,
  avatar: 'one',
  ...more,
});

/** Takes windows; each gives its number, or what it is between and how far. A text is a rest. */
async function climb(every: number | ((n: number) => number), windows: readonly (Rung | 'rest')[]) {
  const ladder = new Ladder<string>();
  const made: Promise<string>[] = [];
  for (const one of windows) {
    if (one === 'rest') {
      ladder.rest();
      continue;
    }
    const n = String(Math.round(one.pts / MS40));
    const rung = typeof every === 'number' ? every : every(Number(n));
    made.push(
      ladder.take(rung, one, {
        infer: async () => n,
        between: async (before, after, step) => `${await before}${'>'.repeat(step)}${(await after) ?? '-'}`,
      }),
    );
  }
  const { open } = ladder;
  ladder.rest();
  return { made: await Promise.all(made), open };
}
const windows = (...numbers: number[]) => numbers.map((n) => window(n));

t.test('every second or fourth window is inferred, the others lie between two of those', async (t) => {
  t.same((await climb(1, windows(0, 1, 2))).made, ['0', '1', '2']);
  t.same((await climb(2, windows(0, 1, 2, 3, 4))).made, ['0', '0>2', '2', '2>4', '4']);
  t.same((await climb(4, windows(7, 8, 9, 10, 11))).made, ['7', '7>11', '7>>11', '7>>>11', '11']);
});

t.test('a window is open until an inferred one follows', async (t) => {
  t.equal((await climb(2, windows(0))).open, false);
  t.equal((await climb(2, windows(0, 1))).open, true);
  t.equal((await climb(2, windows(0, 1, 2))).open, false);
  t.equal((await climb(4, windows(0, 1, 2, 3))).open, true);
  t.equal((await climb(2, [...windows(0, 1), 'rest'])).open, false);
});

t.test('what does not follow on begins anew, and what was open has no second neighbour', async (t) => {
  const after = async (...more: (Rung | 'rest')[]) => (await climb(4, [...windows(0, 1, 2), ...more])).made;
  t.same(await after(), ['0', '0>-', '0>>-'], 'the end');
  t.same(await after('rest', window(3), window(4)), ['0', '0>-', '0>>-', '3', '3>-'], 'a rest');
  t.same(await after(window(3, { avatar: 'two' })), ['0', '0>-', '0>>-', '3'], 'another face');
  t.same(await after(window(3, { discont: true })), ['0', '0>-', '0>>-', '3'], 'a discontinuity');
  t.same(await after(window(5), window(6)), ['0', '0>-', '0>>-', '5', '5>-'], 'a jump ahead');
  t.same(await after(window(1)), ['0', '0>-', '0>>-', '1'], 'a jump back');
  t.same(
    await after(window(3, { pts: 3 * MS40 + 1 }), window(4)),
    ['0', '0>4', '0>>4', '0>>>4', '4'],
    'rounding is no jump',
  );
});

t.test('the rung may change while it runs', async (t) => {
  const { made } = await climb((n) => (n < 3 ? 1 : 2), windows(0, 1, 2, 3, 4, 5));
  t.same(
    made,
    ['0', '1', '2', '3', '3>5', '5'].map((one, n) => (n === 3 ? '3' : one)),
  );
});
