import t from 'tap';
import {
  type ElementEvent,
  type Frame,
  MS,
  type Properties,
  register,
  type TimedFrame,
  Transform,
} from '../../src/element/index.js';
import { any, metadata } from '../support/declared.js';
import { harness } from '../support/harness.js';

const declaredLatency = {
  latency: { type: 'uint', unit: 'ms', default: 0, min: 0, max: 1000, blurb: 'Latency it declares' },
} as const satisfies Properties;

/** Declares a latency and passes everything on. */
class Slow extends Transform<typeof Slow.properties> {
  static readonly metadata = metadata('testslow');
  static readonly properties = declaredLatency;
  static readonly pads = any;
  override start(): void {
    this.setLatency({ min: this.props.latency * MS });
  }
  override transform(): void {}
}

/** A gate: tells when it was let go, and what events it saw. */
class Held extends Transform<typeof Held.properties> {
  static readonly metadata = metadata('testheld');
  static readonly properties = declaredLatency;
  static readonly pads = any;
  static override readonly hold = true;
  readonly seen: string[] = [];
  override start(): void {
    this.setLatency({ min: this.props.latency * MS });
  }
  override event({ name, fields, oob }: ElementEvent): void {
    this.seen.push(`${name} ${fields['epoch']}${oob ? ' oob' : ''}`);
  }
  override transform(frame: Frame): void {
    const now = this.runningTime();
    this.seen.push(`${frame.pts! / MS} at ${now! / MS}${frame.stale ? ' stale' : ''}`);
  }
}

for (const element of [Slow, Held]) register(element);

const at = (milliseconds: number, extra: Partial<TimedFrame> = {}): TimedFrame => ({
  data: Uint8Array.of(milliseconds),
  pts: milliseconds * MS,
  duration: 10 * MS,
  ...extra,
});
const live = { caps: 'text/x-raw,format=utf8', live: true, sync: true };

t.test(
  'holds until the last moment that meets the sink: PTS + latency of the pipeline - what follows',
  async (t) => {
    // 30 of its own, 60 behind it: the sink plays at PTS + 90, so the gate opens at PTS + 30.
    const h = await harness('testheld latency=30', { ...live, after: 'testslow latency=60' });
    await h.push(at(100));
    await h.clock.waitFor(1);
    t.equal(h.clock.next(), 130 * MS);
    t.equal(h.element.state, 'playing');
    t.same((h.object as unknown as Held).seen, [], 'the author has not seen it yet');
    await h.clock.crank();
    // Now the sink waits with it.
    await h.clock.waitFor(1);
    t.same((h.object as unknown as Held).seen, ['100 at 130']);
    t.equal(h.clock.next(), 190 * MS);
    await h.clock.crank();
    t.equal((await h.pull()).pts, 100 * MS);
    await h.close();
  },
);

t.test('a buffer that is late already goes on at once', async (t) => {
  const h = await harness('testheld', live);
  h.clock.set(500 * MS);
  await h.push(at(100));
  t.equal((await h.pull()).pts, 100 * MS);
  t.same((h.object as unknown as Held).seen, ['100 at 500']);
  await h.close();
});

t.test('does not wait when nothing is live', async (t) => {
  const h = await harness('testheld latency=30', { caps: live.caps });
  await h.push(at(100_000 / 1000));
  await h.push(at(200));
  t.equal((await h.pull()).pts, 100 * MS);
  t.equal((await h.pull()).pts, 200 * MS);
  t.equal(h.clock.time, 0);
  await h.close();
});

t.test('a cut hands the waiting buffer on as stale, and drops the rest of the old epoch', async (t) => {
  const h = await harness('testheld latency=30', { ...live, sync: true, after: 'testslow latency=60' });
  const { seen } = h.object as unknown as Held;
  await h.push(at(100));
  await h.push(at(110));
  await h.push(at(120));
  await h.clock.waitFor(1);
  h.event('cut', { epoch: 1, pts: 105 * MS }, { oob: true });
  // It goes through although the clock stands still; then the sink waits for it.
  await h.clock.waitFor(1);
  while (h.clock.next() !== 190 * MS) await h.clock.waitFor(1);
  h.event('word', { n: 7 });
  await h.push(at(130));
  h.event('epoch', { epoch: 1, pts: 105 * MS });
  await h.push(at(106));
  await h.clock.crank();
  const old = await h.pull();
  t.equal(old.pts, 100 * MS);
  const items = [await h.next(), await h.next()];
  t.match(items[0], { event: true, name: 'talkgraph/word', fields: { n: 7 } }, 'events are never dropped');
  t.match(
    items[1],
    { event: true, name: 'talkgraph/epoch', fields: { epoch: 1 } },
    'the cut itself ended at the gate',
  );
  t.equal(h.waiting.length, 0);
  await h.clock.crank();
  const fresh = await h.pull();
  t.equal(fresh.pts, 106 * MS);
  t.equal(fresh.discont, true, 'the first of the new epoch is a discontinuity');
  t.same(seen, [
    'talkgraph/cut 1 oob',
    '100 at 0 stale',
    'talkgraph/word undefined',
    'talkgraph/epoch 1',
    '106 at 190',
  ]);
  await h.close();
});

t.test('stops in no time while it holds', async (t) => {
  const h = await harness('testheld', live);
  await h.push(at(100));
  await h.clock.waitFor(1);
  await h.pipeline.stop();
  t.equal(h.clock.waiting(), 0);
  t.same(h.errors, []);
  await h.close();
});

t.test('holds on while the pipeline is paused, and goes on where it was', async (t) => {
  const h = await harness('testheld', live);
  await h.push(at(100));
  await h.clock.waitFor(1);
  await h.pipeline.pause();
  // A paused pipeline waits for no clock: the wait ends on the streaming thread, a moment after the state has changed.
  while (h.clock.waiting() > 0) await new Promise((resolve) => setImmediate(resolve));
  h.clock.advance(1000 * MS);
  await h.pipeline.play();
  await h.clock.waitFor(1);
  t.equal(h.clock.next(), 1100 * MS, 'running time stood still meanwhile');
  t.same((h.object as unknown as Held).seen, []);
  await h.close();
});
