import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type Caps,
  type Metadata,
  type Mixed,
  Mixer,
  MS,
  type Output,
  type PadFrames,
  type PadTemplates,
  type Properties,
  register,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { type Harness, harness } from '../support/harness.js';

const IN = 'text/x-raw,format=utf8';

/** Writes what each pad shows into one byte per pad, in the order of their names. */
class Rows extends Mixer<typeof Rows.properties> {
  static readonly metadata = {
    name: 'testrows',
    longName: 'Rows',
    klass: 'Mixer',
    description: 'One byte for each pad',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly properties = {
    fps: { type: 'string', default: '10/1', blurb: 'Frame rate, or nothing' },
    latency: { type: 'uint', unit: 'ms', default: 0, min: 0, max: 500, blurb: 'Latency it declares' },
    slow: { type: 'bool', default: false, blurb: 'Never answers' },
    frames: { type: 'uint', default: 1000, min: 1, max: 1000, blurb: 'Ends after so many' },
  } as const satisfies Properties;
  static readonly pads = {
    'sink_%u': { caps: 'text/x-raw' },
    body: { caps: 'text/x-raw; audio/x-raw' },
    src: { caps: 'text/x-raw,framerate=[0/1,100/1]' },
  } satisfies PadTemplates;
  readonly outs: Output[] = [];
  readonly setups: string[] = [];
  signals: AbortSignal[] = [];

  override start(): void {
    const { fps } = this.props;
    this.setOutputCaps(`text/x-raw,format=utf8${fps === '' ? '' : `,framerate=${fps}`}`);
    this.setLatency({ min: this.props.latency * MS });
  }

  override setup(caps: Caps, pad: string): void {
    this.setups.push(`${pad} ${caps.name}`);
  }

  override aggregate(pads: PadFrames, out: Output): Mixed | Promise<Mixed> {
    this.outs.push(out);
    this.signals.push(this.signal);
    if (this.props.slow) return new Promise(() => undefined);
    if (out.n >= this.props.frames) return null;
    const data = Uint8Array.from(this.inputs.sort(), (name) => pads[name]?.data[0] ?? 0);
    if (data.includes(99)) return undefined;
    const frame = { data };
    return data.includes(77) ? [{ event: true, name: 'word', fields: { n: out.n } }, frame] : frame;
  }
}
register(Rows);

const two = { sink_0: IN, sink_1: IN };
/** A frame from `ms` on, for 100 ms unless it says otherwise. */
const at = (ms: number, value: number, duration = 100) => ({
  data: Uint8Array.of(value),
  pts: ms * MS,
  duration: duration * MS,
});
const rowsOf = (h: { object: unknown }): Rows => h.object as Rows;

t.test('offline it waits for all pads, and makes frames by their count', async (t) => {
  const h = await harness('testrows fps=30000/1001', { inputs: two });
  await h.push(at(0, 1, 34), 'sink_0');
  for (let i = 0; i < 50; i++) await turn();
  t.equal(h.waiting.length, 0, 'one of two is not all');
  await h.push(at(0, 2, 34), 'sink_1');
  const first = await h.pull();
  t.same([...first.data], [1, 2]);
  // Frame n begins at n * 1001 / 30000 s, to the nanosecond.
  t.match([first.pts, first.duration], [0, 33366667]);
  await h.push(at(34, 3, 34), 'sink_0');
  await h.push(at(34, 4, 34), 'sink_1');
  t.match(await h.pull(), { pts: 33366667, duration: 33366666 });
  h.end();
  await h.rest();
  t.match(h.outputCaps, /framerate=\(fraction\)30000\/1001/);
  await h.close();
});

t.test('a frame that lasts shows as often as it lasts, and one too short to be seen is let go', async (t) => {
  const h = await harness('testrows', { inputs: two });
  await h.push(at(0, 1, 300), 'sink_0');
  for (const [ms, value, length] of [
    [0, 2, 100],
    [100, 3, 40],
    [140, 4, 60],
    [200, 5, 100],
  ] as const)
    await h.push(at(ms, value, length), 'sink_1');
  h.end();
  const { frames } = await h.rest();
  t.same(
    frames.map(({ data }) => [...data]),
    [
      [1, 2],
      [1, 4],
      [1, 5],
    ],
  );
  t.equal(rowsOf(h).lateFrames, 0, 'short is not late');
  await h.close();
});

t.test('a pad that has ended, or begins later, has nothing to show', async (t) => {
  const h = await harness('testrows', { inputs: two });
  await h.push(at(0, 1), 'sink_0');
  h.end('sink_0');
  await h.push(at(100, 2), 'sink_1');
  h.end('sink_1');
  const { frames } = await h.rest();
  t.same(
    frames.map(({ data, pts }) => [...data, pts! / MS]),
    [
      [1, 0, 0],
      [0, 2, 100],
    ],
    'it ends when the last of them does',
  );
  await h.close();
});

/** Makes the next one after 60 ms of room: frame n leaves at n * 100 + 60 ms. */
const LIVE = 'testrows latency=60';

/** Until it waits for that moment, ns: before it knows its latency it may wait for an earlier one. */
async function due(h: Harness, ns: number): Promise<void> {
  do await h.clock.waitFor(1);
  while (h.clock.next() !== ns);
}

t.test('live a frame leaves at its deadline with what is there', async (t) => {
  const h = await harness(LIVE, { inputs: two, live: true });
  await h.push(at(0, 1), 'sink_0');
  await due(h, 60 * MS);
  t.equal(h.waiting.length, 0);
  await h.clock.crank();
  t.same([...(await h.pull()).data], [1, 0]);
  // The next is due by the count of frames.
  await due(h, 160 * MS);
  await h.close();
});

t.test('live a frame does not wait when every pad has one', async (t) => {
  const h = await harness(LIVE, { inputs: two, live: true });
  await h.push(at(0, 1), 'sink_0');
  await h.push(at(0, 2), 'sink_1');
  t.same([...(await h.pull()).data], [1, 2]);
  t.equal(h.clock.time, 0);
  await h.close();
});

t.test('live what comes after its frame has left is dropped and counted', async (t) => {
  const h = await harness(LIVE, { inputs: two, live: true });
  await h.push(at(0, 1), 'sink_0');
  await due(h, 60 * MS);
  await h.clock.crank();
  t.same([...(await h.pull()).data], [1, 0]);
  await h.push(at(0, 2), 'sink_1');
  await h.push(at(100, 3), 'sink_1');
  await h.push(at(100, 4), 'sink_0');
  t.same([...(await h.pull()).data], [4, 3]);
  t.equal(rowsOf(h).lateFrames, 1);
  await h.close();
});

t.test('its latency is part of the pipeline, whose sink waits as long', async (t) => {
  const h = await harness(LIVE, { inputs: two, live: true, sync: true });
  await h.push(at(0, 1), 'sink_0');
  await h.push(at(0, 2), 'sink_1');
  while (h.pipeline.latency()?.min !== 60 * MS) await turn();
  await due(h, 60 * MS);
  t.equal((h.object as unknown as Rows).pipelineLatency, 60 * MS);
  await h.close();
});

t.test('undefined leaves a frame out, null ends, and an event goes before its frame', async (t) => {
  const h = await harness('testrows frames=3', { inputs: { sink_0: IN } });
  for (const [ms, value] of [
    [0, 1],
    [100, 99],
    [200, 77],
    [300, 5],
  ] as const)
    await h.push(at(ms, value), 'sink_0');
  t.match(await h.next(), { pts: 0 });
  t.match(await h.next(), { event: true, name: 'talkgraph/word', fields: { n: 2 } });
  t.match(await h.next(), { pts: 200 * MS });
  t.equal(await h.next(), undefined);
  await h.close();
});

t.test('pads are asked for by number, by name or by template, and told their caps', async (t) => {
  const h = await harness('testrows', { inputs: { sink_4: IN, body: IN, 'sink_%u': IN } });
  t.same(rowsOf(h).inputs.sort(), ['body', 'sink_0', 'sink_4']);
  t.throws(() => h.element.requestPad('body'), { code: 'core/link' }, 'there is one body');
  const pad = h.element.requestPad('sink_%u');
  t.equal(pad.presence, 'request');
  await pad.release();
  t.equal(rowsOf(h).inputs.length, 3);
  await h.push(at(0, 1), 'body');
  await h.push(at(0, 2), 'sink_4');
  await h.push(at(0, 3), 'sink_%u');
  t.same([...(await h.pull()).data], [1, 3, 2]);
  t.same(rowsOf(h).setups.sort(), [
    'body text/x-raw',
    'sink_0 text/x-raw',
    'sink_4 text/x-raw',
    'src text/x-raw',
  ]);
  await h.close();
});

t.test('a number that somebody asked for by name is left out', async (t) => {
  const pipeline = Pipeline.launch(
    'testrows name=m ! fakesink  fakesrc ! m.sink_0  fakesrc ! m.  fakesrc ! m.',
  );
  const names = pipeline
    .element('m')
    .pads()
    .map(({ name }) => name);
  t.same(names.sort(), ['sink_0', 'sink_1', 'sink_2', 'src']);
  await pipeline.close();
});

t.test('needs a frame rate, and takes 25 where it may choose', async (t) => {
  const h = await harness('testrows fps=[1/1,100/1]', { inputs: { sink_0: IN } });
  await h.push(at(0, 1), 'sink_0');
  t.equal((await h.pull()).duration, 40 * MS);
  await h.close();
  const none = await harness('testrows fps=0/1', { inputs: { sink_0: IN } });
  none.push(at(0, 1), 'sink_0').catch(() => undefined);
  await t.rejects(none.failure(), { code: 'core/negotiation', message: /needs caps with a framerate/ });
  await none.close();
});

t.test('counts from zero again after a stop', async (t) => {
  const h = await harness('testrows', { inputs: { sink_0: IN } });
  await h.push(at(0, 1), 'sink_0');
  await h.pull();
  await h.pipeline.stop();
  await h.pipeline.play();
  await h.push(at(0, 2), 'sink_0');
  const again = await h.pull();
  t.match([again.pts, again.data[0]], [0, 2]);
  await h.close();
});

t.test('a flush, and a stop, in the middle of aggregate are quick and no error', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc ! audio/x-raw,rate=8800 ! testrows name=m slow=true ! fakesink sync=false',
  );
  const playing = t.rejects(pipeline.play(), { code: 'core/state-change' }, 'nothing ever comes out');
  while (pipeline.element('m').instance === undefined) await turn();
  const rows = pipeline.element('m').instance as unknown as Rows;
  while (rows.signals.length === 0) await turn();
  // It is done only when a frame has come out, which never happens.
  const sought = t.rejects(pipeline.seek(1e9), { code: 'core/state-change' });
  while (!rows.signals[0]!.aborted) await turn();
  while (rows.signals.length === 1) await turn();
  await pipeline.stop();
  t.equal(rows.signals[1]?.aborted, true);
  await Promise.all([playing, sought]);
  await pipeline.close();
});
