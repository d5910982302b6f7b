import t from 'tap';
import { DeadlineQueue } from '../../src/inference/queue.js';
import fc from '../support/fastcheck.js';

const item = (key: string, deadline: number, batch = 16) => ({ key, deadline, batch });

t.test('the most urgent comes first, the older of equals', async (t) => {
  const queue = new DeadlineQueue<ReturnType<typeof item>>(9);
  const never = item('a', Number.POSITIVE_INFINITY);
  const late = item('b', 30);
  const early = item('a', 10);
  const twin = item('c', 10);
  for (const one of [never, late, early, twin]) t.ok(queue.add(one));
  t.equal(queue.first(), early);
  t.equal(
    queue.first(({ key }) => key === 'b'),
    late,
  );
  t.same(
    queue.remove(() => true),
    [early, twin, late, never],
  );
});

t.test('says no when it is full', async (t) => {
  const queue = new DeadlineQueue(2);
  t.ok(queue.add(item('a', 1)));
  t.ok(queue.add(item('a', 2)));
  t.ok(queue.full);
  t.notOk(queue.add(item('a', 0)));
  t.equal(queue.length, 2);
});

t.test('a batch holds one key only and respects what each row allows', async (t) => {
  const queue = new DeadlineQueue<ReturnType<typeof item>>(99);
  const a = [item('a', 1), item('a', 3, 2), item('a', 4), item('a', 5)];
  for (const one of [...a, item('b', 2)]) queue.add(one);
  t.same(
    queue.batch(a[0]!, 3),
    [a[0], a[1]!, a[2]]
      .slice(0, 3)
      .filter((x) => x !== undefined)
      .slice(0, 3),
  );
  t.equal(queue.length, 2);
  const single = item('a', 0, 1);
  queue.add(single);
  t.same(queue.batch(single, 8), [single]);
});

t.test('whatever is added comes out once, in order of deadline', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (deadlines) => {
      const queue = new DeadlineQueue<ReturnType<typeof item>>(1000);
      for (const deadline of deadlines) queue.add(item('k', deadline));
      const out = queue.remove(() => true).map(({ deadline }) => deadline);
      return out.join() === [...deadlines].sort((x, y) => x - y).join();
    }),
  );
});
