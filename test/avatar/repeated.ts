/** Rounds without end. */
import t from 'tap';
import { repeated } from '../../src/avatar/repeated.js';

/** Rounds of numbers; tells how many were opened, and how many are still open. */
function rounds(count: number) {
  const seen = { opened: 0, open: 0 };
  async function* open(): AsyncGenerator<number, void, undefined> {
    seen.opened++;
    seen.open++;
    try {
      for (let n = 0; n < count; n++) yield n;
    } finally {
      seen.open--;
    }
  }
  return { open, seen };
}

async function take<T>(from: AsyncGenerator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const one of from) {
    taken.push(one);
    if (taken.length === count) break;
  }
  return taken;
}

for (const [count, expected] of [
  [1, undefined],
  [7, 7],
  [25, undefined],
  [26, undefined],
  [61, undefined],
  [61, 61],
  [61, 90],
] as const) {
  t.test(`rounds of ${count} where ${expected} were expected`, async (t) => {
    const { open, seen } = rounds(count);
    const taken = await take(repeated(open, expected), 200);
    t.same(
      taken,
      taken.map((_, n) => n % count),
    );
    t.equal(seen.open, 0, 'nothing stays open');
    const most = count <= 25 ? 1 : Math.ceil(200 / count) + 1;
    t.ok(seen.opened <= most, `${seen.opened} rounds opened`);
  });
}

t.test('the next round is opened before this one is over', async (t) => {
  const { open, seen } = rounds(61);
  const all = repeated(open, 61);
  for (let n = 0; n < 36; n++) await all.next();
  t.equal(seen.opened, 1);
  await all.next();
  t.equal(seen.opened, 2);
  await all.return(undefined as never);
  t.equal(seen.open, 0);
});

t.test('a round of nothing is an error, and so is one that fails', async (t) => {
  await t.rejects(repeated(rounds(0).open).next(), RangeError);
  async function* fails(): AsyncGenerator<number, void, undefined> {
    yield 1;
    throw new Error('broken');
  }
  const all = repeated(fails);
  t.same(await all.next(), { done: false, value: 1 });
  await t.rejects(all.next(), { message: 'broken' });
});
