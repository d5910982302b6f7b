import t from 'tap';
import type { TalkError } from '../../../src/element/error.js';
import { FliteHost } from '../../../src/voice/flite/host.js';
import { settle } from '../fakes/engine.js';

const never = new AbortController().signal;
const program = new URL('../fakes/worker.js', import.meta.url);

async function say(
  host: FliteHost,
  text: string,
  { owner = 1, signal = never }: { owner?: number; signal?: AbortSignal } = {},
): Promise<number> {
  let pieces = 0;
  for await (const _ of host.say({ owner, voice: 'slt', text, stretch: 1, signal })) pieces++;
  return pieces;
}

t.test('one thread serves everybody, in turns', async (t) => {
  const host = new FliteHost(program);
  t.teardown(() => host.close());
  const order: string[] = [];
  const said = (text: string, owner: number): Promise<void> =>
    say(host, text, { owner }).then(() => void order.push(text));
  await Promise.all([said('a1', 1), said('a2', 1), said('a3', 1), said('b1', 2)]);
  t.same(order, ['a1', 'b1', 'a2', 'a3']);
  t.equal(host.starts, 1);
});

for (const way of ['exit', 'throw', 'give-up']) {
  t.test(
    `a thread that is lost (${way}) fails its request as retryable; the others go on with a new one`,
    async (t) => {
      const host = new FliteHost(program);
      t.teardown(() => host.close());
      const [lost, other] = await Promise.allSettled([say(host, way), say(host, 'fine', { owner: 2 })]);
      t.match(lost, { status: 'rejected', reason: { code: 'library/failed', retryable: true } });
      t.same(other, { status: 'fulfilled', value: 1 });
      t.equal(host.starts, 2);
    },
  );
}

t.test('a thread that hangs is exchanged', async (t) => {
  const host = new FliteHost(program, { workingMs: 200, stoppingMs: 10 });
  t.teardown(() => host.close());
  await t.rejects(say(host, 'hang'), { code: 'library/failed', debug: 'no answer for 200 ms' });
  t.equal(await say(host, 'fine'), 1);
});

t.test(
  'a thread that does not stop when told to is exchanged, and the listener does not wait for that',
  async (t) => {
    const host = new FliteHost(program, { workingMs: 5_000, stoppingMs: 1 });
    t.teardown(() => host.close());
    const control = new AbortController();
    const speech = host.say({ owner: 1, voice: 'slt', text: 'hang', stretch: 1, signal: control.signal });
    await speech.next();
    control.abort();
    t.same(await speech.next(), { value: undefined, done: true });
    t.equal(await say(host, 'fine'), 1);
    t.equal(host.starts, 2);
  },
);

t.test('a cut stops the speaker at its next piece and drops what is queued at once', async (t) => {
  const host = new FliteHost(program, { stoppingMs: 60_000 });
  t.teardown(() => host.close());
  const control = new AbortController();
  const talking = host.say({ owner: 1, voice: 'slt', text: 'talk', stretch: 1, signal: control.signal });
  await talking.next();
  const queued = say(host, 'talk too', { signal: control.signal });
  await settle();
  control.abort();
  t.equal(await queued, 0);
  t.equal(await say(host, 'fine'), 1);
  t.equal(host.starts, 1, 'the same thread');
});

t.test('a listener who leaves is a cut', async (t) => {
  const host = new FliteHost(program);
  t.teardown(() => host.close());
  for await (const _ of host.say({ owner: 1, voice: 'slt', text: 'talk', stretch: 1, signal: never })) break;
  t.equal(await say(host, 'fine'), 1);
});

t.test('a thread that cannot start fails everything that waits for it, once', async (t) => {
  const host = new FliteHost(new URL('../fakes/broken-worker.js', import.meta.url));
  t.teardown(() => host.close());
  const results = await Promise.allSettled([say(host, 'a'), say(host, 'b', { owner: 2 })]);
  for (const result of results) {
    t.match(result, {
      status: 'rejected',
      reason: { code: 'library/init', retryable: false, debug: /no such build/ },
    });
  }
  t.equal(host.starts, 1);
});

t.test('a thread whose memory has grown is exchanged between two sentences', async (t) => {
  const host = new FliteHost(program);
  t.teardown(() => host.close());
  t.equal(await say(host, 'swell'), 1);
  t.equal(await say(host, 'fine'), 1);
  t.equal(host.starts, 2);
});

t.test('refuses more than it can queue', async (t) => {
  const host = new FliteHost(program);
  t.teardown(() => host.close());
  const control = new AbortController();
  const many = Array.from({ length: 300 }, (_, n) =>
    say(host, 'talk', { owner: n, signal: control.signal }).catch((e: TalkError) => e),
  );
  await settle();
  control.abort();
  const refused = (await Promise.all(many)).filter((result) => typeof result !== 'number');
  t.ok(refused.length > 0);
  t.match(refused[0], { code: 'resource/busy', retryable: true });
});

t.test('close fails what is being said and what waits, and it starts afresh when used again', async (t) => {
  const host = new FliteHost(program);
  const both = Promise.allSettled([say(host, 'talk'), say(host, 'fine')]);
  await settle();
  await host.close();
  for (const result of await both)
    t.match(result, { status: 'rejected', reason: { code: 'library/shutdown', retryable: false } });
  t.equal(await say(host, 'fine'), 1);
  await host.close();
});
