import t from 'tap';
import { Turns } from '../../src/webrtc/turns.js';

t.test('each has its turn of the event loop, in the order in which they came', async (t) => {
  const turns = new Turns();
  const taken: [number, number][] = [];
  let turn = 0;
  const count = () => {
    turn++;
    if (taken.length < 6) setImmediate(count);
  };
  setImmediate(count);
  const take = (n: number) => turns.take().then(() => taken.push([n, turn]));
  await Promise.all([0, 1, 2, 3, 4].map(take));
  await take(5);
  t.same(
    taken.map(([n]) => n),
    [0, 1, 2, 3, 4, 5],
  );
  t.equal(new Set(taken.map(([, at]) => at)).size, 6, 'never two in one');
});
