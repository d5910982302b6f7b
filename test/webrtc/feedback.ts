/**
 * What Chromium reported over real lines, replayed: ten good seconds, then a bad line; behind the one that is too small nobody sent less
 * because of it (`FEEDBACK=test/webrtc/fixtures/feedback.json npm run bench -- loss`).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';
import { Ladder, rungsOf } from '../../src/webrtc/ladder.js';
import type { LinkReport } from '../../src/webrtc/line.js';

const BITRATE = 1_500_000;
const GOOD_S = 10;
/** s from when the line is bad: a report is about the second before, and comes a second late. */
const SOON = 4;

const file = join(PACKAGE, 'test', 'webrtc', 'fixtures', 'feedback.json');
const recorded: Record<string, LinkReport[]> = JSON.parse(await readFile(file, 'utf8'));

/** Seconds at which its viewer is moved, and the ordinary bitrates that are told on the way. */
function decided(series: readonly LinkReport[], others = false) {
  const ladder = new Ladder(BITRATE);
  const [moves, rates, low]: [string[], number[], number[]] = [[], [], []];
  for (const [second, report] of series.entries()) {
    ladder.report('a', report);
    if (others) ladder.report('b', { loss: 0, estimate: 3e6, sent: 1.2e6, rtt: 40 });
    const step = ladder.step();
    moves.push(...step.moves.map(({ viewer, rung }) => `${second} ${viewer} ${rung}`));
    for (const [rung, rate] of step.rates) (rung === 'low' ? low : rates).push(rate);
  }
  return { moves, rates, low };
}

t.test('lines that lose whatever they are sent keep the ordinary picture', async (t) => {
  for (const name of ['3 % loss', '10 % loss']) {
    const series = recorded[name] ?? [];
    t.ok(series.length >= 45, `${series.length} seconds of ${name}`);
    const bad = series.slice(GOOD_S + SOON).map(({ loss = 0 }) => loss);
    const mean = bad.reduce((sum, loss) => sum + loss, 0) / bad.length;
    t.ok(Math.abs(mean - Number.parseInt(name, 10) / 100) < 0.03, `${(100 * mean).toFixed(1)} % were lost`);
    const { moves, rates } = decided(series);
    t.same(moves, [], name);
    t.ok(
      rates.every((rate) => rate >= BITRATE / 2),
      `${name}: ${rates}`,
    );
    t.equal(rates.at(-1) ?? BITRATE, BITRATE, 'and has it back in the end');
  }
});

t.test('a line that takes a quarter is known by its reports alone, soon and once', async (t) => {
  const series = recorded['300 kbit/s'] ?? [];
  t.ok(series.length >= 45, `${series.length} seconds`);
  const { moves, rates, low } = decided(series, true);
  const [first = ''] = moves;
  t.match(first, /^\d+ a low$/);
  const second = Number.parseInt(first, 10);
  t.ok(second >= GOOD_S - 1 && second <= GOOD_S + SOON, `moved at ${second} s`);
  t.equal(moves.length, 1, `${moves}`);
  t.ok(Math.min(...low) < 300_000 && Math.max(...low) <= (rungsOf(BITRATE).low?.ceiling ?? 0), `${low}`);
  t.equal(rates.at(-1) ?? BITRATE, BITRATE, 'who watches beside it has all the bitrate again');
});
