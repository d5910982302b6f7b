import t from 'tap';
import { BoundedQueue } from '../../src/element/queue.js';
import { settle } from '../voice/fakes/engine.js';

t.test('gives items in order and then ends', async (t) => {
  const queue = new BoundedQueue<number>(10);
  await queue.push(1);
  await queue.push(2);
  queue.end();
  const got: number[] = [];
  for await (const item of queue) got.push(item);
  t.same(got, [1, 2]);
  t.equal(await queue.push(3), false, 'nothing can be added after the end');
});

t.test('makes the writer wait while it is full', async (t) => {
  const queue = new BoundedQueue<string>(5);
  let written = 0;
  const writer = (async () => {
    for (const item of ['a', 'b', 'c']) {
      await queue.push(item, 3);
      written++;
    }
  })();
  await settle();
  t.equal(written, 1, 'the second fills it');
  t.equal(await queue.shift(), 'a');
  await settle();
  t.equal(written, 2);
  t.equal(await queue.shift(), 'b');
  t.equal(await queue.shift(), 'c');
  await writer;
});

t.test('takes one item however heavy', async (t) => {
  const queue = new BoundedQueue<string>(5);
  const pushed = queue.push('whale', 1000);
  t.equal(await queue.shift(), 'whale');
  t.equal(await pushed, true);
});

t.test('gives what was queued before an error, then the error, once', async (t) => {
  const queue = new BoundedQueue<number>(10);
  await queue.push(1);
  queue.fail(new Error('broken'));
  queue.fail(new Error('again'));
  t.equal(await queue.shift(), 1);
  await t.rejects(queue.shift(), { message: 'broken' });
  t.equal(await queue.shift(), undefined);
});

t.test('closing wakes a waiting reader and a waiting writer and drops what is queued', async (t) => {
  const reader = new BoundedQueue<number>(1);
  const read = reader.shift();
  reader.close();
  t.equal(await read, undefined);

  const writer = new BoundedQueue<number>(1);
  const wrote = writer.push(1);
  writer.close();
  t.equal(await wrote, false);
  t.equal(await writer.shift(), undefined);
});
