import t from 'tap';
import { FairQueue } from '../../src/voice/fairqueue.js';

t.test('owners take turns and keep their own order', async (t) => {
  const queue = new FairQueue<string>(10);
  for (const item of ['a1', 'a2', 'a3']) queue.push(1, item);
  queue.push(2, 'b1');
  queue.push(3, 'c1');
  queue.push(2, 'b2');
  const got = Array.from({ length: 6 }, () => queue.shift());
  t.same(got, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  t.equal(queue.shift(), undefined);
  t.equal(queue.size, 0);
});

t.test('refuses what is over its limit', async (t) => {
  const queue = new FairQueue<number>(2);
  t.ok(queue.push(1, 1));
  t.ok(queue.push(2, 2));
  t.notOk(queue.push(3, 3));
  queue.shift();
  t.ok(queue.push(3, 3));
});

t.test('lets an item be taken out from anywhere', async (t) => {
  const queue = new FairQueue<string>(10);
  queue.push(1, 'a1');
  queue.push(1, 'a2');
  queue.push(2, 'b1');
  t.ok(queue.remove(1, 'a1'));
  t.notOk(queue.remove(1, 'a1'));
  t.notOk(queue.remove(7, 'x'));
  t.ok(queue.remove(2, 'b1'));
  t.equal(queue.size, 1);
  t.equal(queue.shift(), 'a2');
});
