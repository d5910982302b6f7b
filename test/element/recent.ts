/** The last lines of the log: bounded, numbered, without what is private. */
import t from 'tap';
import { RecentLines } from '../../src/element/index.js';

const line = (more: object) => JSON.stringify({ level: 40, time: 7, msg: 'late', ...more });

t.test('keeps the last ones, with numbers that go on', async (t) => {
  const lines = new RecentLines(3);
  for (let n = 1; n <= 5; n++) lines.add(line({ n }));
  t.strictSame(
    lines.since(0).map(({ number, fields }) => [number, fields['n']]),
    [
      [3, 3],
      [4, 4],
      [5, 5],
    ],
  );
  t.strictSame(
    lines.since(4).map(({ number }) => number),
    [5],
  );
  t.strictSame(lines.since(5), []);
});

t.test('tells level, message and fields; never what is private, nor a line too long to keep', async (t) => {
  const lines = new RecentLines();
  lines.add(line({ session: 'x', private: 'said in confidence', pid: 7, hostname: 'here' }));
  lines.add(line({ level: 50, text: 'x'.repeat(9000) }));
  lines.add(line({ level: 35 }));
  t.strictSame(lines.since(0), [
    { number: 1, time: 7, level: 'warn', message: 'late', fields: { session: 'x' } },
    { number: 3, time: 7, level: 'info', message: 'late', fields: {} },
  ]);
});
