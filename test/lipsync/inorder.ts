import t from 'tap';
import { inOrder } from '../../src/lipsync/inorder.js';
import { gate } from '../support/script.js';

/** An input that gives what is put into it. */
function input<I>() {
  const waiting: ((item: I | undefined) => void)[] = [];
  const items: (I | undefined)[] = [];
  return {
    put(...more: (I | undefined)[]) {
      for (const item of more) {
        const taker = waiting.shift();
        if (taker === undefined) items.push(item);
        else taker(item);
      }
    },
    next: () =>
      items.length > 0
        ? Promise.resolve(items.shift())
        : new Promise<I | undefined>((resolve) => waiting.push(resolve)),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

t.test('gives results in the order of the items, however long each takes', async (t) => {
  const items = input<number>();
  const gates = [gate(), gate(), gate()];
  const started: number[] = [];
  const results: number[] = [];
  const start = async (n: number) => {
    started.push(n);
    await gates[n]!.wait();
    return n;
  };
  let ended = false;
  const run = (async () => {
    const works = { start, depth: () => 2, starved: () => false, ended: () => (ended = true) };
    for await (const result of inOrder(items, works)) results.push(result);
  })();
  items.put(0);
  await turn();
  t.same(started, [0]);
  items.put(1, 2, undefined);
  await turn();
  t.same(started, [0, 1], 'works on what comes while the oldest is not done, but not on more than its depth');
  gates[1]!.open();
  await turn();
  t.same(results, []);
  gates[0]!.open();
  await turn();
  t.same([results, started, ended], [[0, 1], [0, 1, 2], true]);
  gates[2]!.open();
  await run;
  t.same(results, [0, 1, 2]);
});

t.test('reads on, deeper than usual, while one of the works waits for what comes', async (t) => {
  const items = input<string>();
  let hand = (_: string) => {};
  let starved = false;
  const start = (item: string) => {
    if (item === 'wait') {
      starved = true;
      return new Promise<string>((resolve) => {
        hand = resolve;
      });
    }
    if (item === 'next') {
      starved = false;
      hand('waited');
    }
    return Promise.resolve(item);
  };
  items.put('wait', 'a', 'b', 'c', 'next', undefined);
  const results: string[] = [];
  const works = { start, depth: () => 1, starved: () => starved, ended: () => {} };
  for await (const result of inOrder(items, works)) results.push(result);
  t.same(results, ['waited', 'a', 'b', 'c', 'next']);
});

t.test('what fails is thrown at its place', async (t) => {
  const items = input<number>();
  items.put(0, 1, 2, undefined);
  const results: number[] = [];
  const start = (n: number) => (n === 1 ? Promise.reject(new Error('no')) : Promise.resolve(n));
  await t.rejects(
    (async () => {
      const works = { start, depth: () => 8, starved: () => false, ended: () => {} };
      for await (const result of inOrder(items, works)) results.push(result);
    })(),
    { message: 'no' },
  );
  t.same(results, [0]);
});
