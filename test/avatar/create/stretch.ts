/** Which part of a video is taken, on numbers as they would be seen. */
import t from 'tap';
import type { Sight } from '../../../src/avatar/create/analyse.js';
import { chooseStretch } from '../../../src/avatar/create/stretch.js';
import { mouthPoints } from '../../support/paintedmouth.js';

const size = { width: 300, height: 300 };
const points = mouthPoints({ upper: 0, lower: 0 });
const parting = { left: points[60]!, right: points[64]!, upper: [0, 0, 0], lower: [0, 0, 0] } as const;

/** A picture with a mouth so far open, the head moved by `dx`; without a face for undefined. */
function sight(opening: number | undefined, dx = 0, cut = false): Sight {
  if (opening === undefined) return { face: undefined, crowd: false, cut };
  const moved = points.map(({ x, y }) => ({ x: x + dx, y }));
  return { face: { points: moved, parting, opening, light: 120, detail: 200 }, crowd: false, cut };
}

const some = (count: number, opening: number | undefined) =>
  Array.from({ length: count }, () => sight(opening));
const speech = (count: number) =>
  Array.from({ length: count }, (_, n) => sight(0.05 + 0.2 * (n % 5 > 2 ? 1 : 0)));

t.test('four seconds of closed lips are taken, however long an open mouth lasts', async (t) => {
  const sights = [...some(200, 0.2), ...some(110, 0.05), ...some(200, 0.2)];
  t.match(chooseStretch(sights, size, 12), { from: 200, to: 310, closed: true, speaks: false });
  const short = [...some(200, 0.17), ...some(60, 0.1), ...some(40, 0.17)];
  t.match(chooseStretch(short, size, 12), { from: 0, to: 300, closed: false, speaks: false });
});

t.test('of somebody who speaks a second and a half of closed lips is enough', async (t) => {
  t.match(chooseStretch([...speech(100), ...some(40, 0.05), ...speech(100)], size, 12), {
    closed: true,
    speaks: false,
  });
  t.match(chooseStretch(speech(100), size, 12), { from: 0, to: 100, closed: false, speaks: true });
});

t.test('no stretch goes over a cut, a missing face or a mouth that is wide open', async (t) => {
  const sights = [
    ...some(30, 0.05),
    sight(0.05, 0, true),
    ...some(49, 0.05),
    ...some(1, undefined),
    ...some(40, 0.05),
    ...some(1, 0.5),
    ...some(20, 0.05),
  ];
  t.match(chooseStretch(sights, size, 12), { from: 30, to: 80 });
  t.equal(
    chooseStretch([...some(20, 0.05), ...some(9, undefined)], size, 12),
    undefined,
    'less than a second is none',
  );
  t.match(chooseStretch(some(1, 0.05), size, 12), { from: 0, to: 1 }, 'but of a photo');
});

t.test('the ends are where the head rests', async (t) => {
  let x = 0;
  const sights = Array.from({ length: 150 }, (_, n) => {
    const rests = n < 12 || (n > 60 && n < 72) || n > 138;
    x += rests ? 0 : 2 * Math.sign(Math.sin(n / 9));
    return sight(0.05, x);
  });
  const { from, to } = chooseStretch(sights, size, 2.4)!;
  t.equal(to - from, 60);
  const rests = (n: number) => n < 12 || (n > 60 && n < 72) || n > 138;
  t.ok(rests(from + 1) && rests(to - 2), `${from} to ${to}`);
});
