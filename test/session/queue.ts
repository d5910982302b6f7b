/** Those who wait for a place: in their order, so many and so long, and no place is lost. */
import t from 'tap';
import { Sessions } from '../../src/session/sessions.js';

/** A session that costs nothing. */
const folder = t.testdir({ 'idle.yaml': 'links:\n  - fakesrc is-live=true ! fakesink\n' });
const settings = { graph: `${folder}/idle.yaml`, parameters: {} };
const of = (limit: number, places: number, ms = 60_000) =>
  new Sessions(limit, settings, 'uuid', { places, ms });

t.test('whoever came first is next', async (t) => {
  const sessions = of(1, 2);
  t.teardown(() => sessions.close());
  let refused = 0;
  sessions.events.on('refused', () => refused++);
  const first = await sessions.create();
  const order: string[] = [];
  const waiting = ['b', 'c'].map(async (name) => {
    const session = await sessions.create({}, { id: name });
    order.push(name);
    await session.close('test');
  });
  t.ok(sessions.full);
  t.equal(sessions.waiting, 2);
  await t.rejects(sessions.create(), { code: 'resource/quota', message: /limit reached \(1\/1\)/ });
  t.equal(refused, 1);
  await first.close('test');
  await Promise.all(waiting);
  t.same(order, ['b', 'c']);
  t.same([sessions.size, sessions.waiting], [0, 0]);
});

t.test('a crowd never has more than there are places, and loses none', async (t) => {
  const sessions = of(3, 40);
  t.teardown(() => sessions.close());
  let most = 0;
  await Promise.all(
    Array.from({ length: 30 }, async () => {
      const session = await sessions.create();
      most = Math.max(most, sessions.size);
      await session.close('test');
    }),
  );
  t.equal(most, 3);
  t.same([sessions.size, sessions.waiting, sessions.full], [0, 0, false]);
});

t.test(
  'who goes, or waits too long, leaves the place to others; and so does an id that is taken',
  async (t) => {
    const sessions = of(1, 3);
    t.teardown(() => sessions.close());
    const first = await sessions.create({}, { id: 'one' });
    const gone = new AbortController();
    const left = sessions.create({}, { signal: gone.signal });
    const next = sessions.create({}, { id: 'two' });
    gone.abort();
    await t.rejects(left, { code: 'resource/quota' });
    await first.close('test');
    t.equal((await next).id, 'two');
    await (await next).close('test');

    const short = of(1, 1, 1);
    t.teardown(() => short.close());
    await short.create();
    await t.rejects(short.create(), { code: 'resource/quota' });
    t.equal(short.waiting, 0);
  },
);

t.test('the end of all is the end of waiting', async (t) => {
  const sessions = of(1, 1);
  await sessions.create();
  const waiting = sessions.create();
  await Promise.all([sessions.close(), t.rejects(waiting, { code: 'resource/busy' })]);
  t.equal(sessions.size, 0);
});
