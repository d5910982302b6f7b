/** The traps of elements whose methods are JavaScript, each in the state where it once snapped. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type ElementEvent,
  type Frame,
  type Item,
  MS,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  register,
  Source,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { any, metadata } from '../support/declared.js';
import { gc } from '../support/gc.js';
import { harness } from '../support/harness.js';

t.setTimeout(120_000);

const latency = {
  latency: { type: 'uint', unit: 'ms', default: 0, min: 0, max: 1000, blurb: 'Latency it declares' },
} as const satisfies Properties;

/** Answers at once, later, or never, as the test says. */
class Moody extends Transform<typeof Moody.properties> {
  static readonly metadata = metadata('testmoody');
  static readonly properties = {
    ...latency,
    mood: {
      type: 'enum',
      values: ['sync', 'async', 'never'],
      default: 'sync',
      mutable: 'playing',
      blurb: 'How',
    },
  } as const satisfies Properties;
  static readonly pads = any;
  readonly frames: Frame[] = [];
  readonly events: string[] = [];
  readonly settle: (() => void)[] = [];
  inside = false;
  seenInside = 0;
  override event({ name }: ElementEvent): void {
    this.events.push(name);
  }
  override transform(frame: Frame): undefined | Promise<void> {
    this.frames.push(frame);
    if (this.inside) this.seenInside++;
    if (this.props.mood === 'sync') return undefined;
    if (this.props.mood === 'async') return Promise.resolve();
    return new Promise((resolve) => this.settle.push(resolve));
  }
}
class Late extends Transform<typeof Late.properties> {
  static readonly metadata = metadata('testlate');
  static readonly properties = latency;
  static readonly pads = any;
  override start(): void {
    this.setLatency({ min: this.props.latency * MS });
  }
  override transform(): void {}
}
class LivePcm extends Source<typeof LivePcm.properties> {
  static readonly metadata = metadata('testlivepcm');
  static readonly properties = latency;
  static readonly pads = { src: { caps: 'audio/x-raw' } } satisfies PadTemplates;
  static override readonly live = true;
  started = false;
  override start(): void {
    this.started = true;
    this.setOutputCaps('audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=8000');
    this.setLatency({ min: this.props.latency * MS });
  }
}
class Hoarder extends Pipe {
  static readonly metadata = metadata('testhoarder');
  static readonly pads = any;
  static held: Frame[] = [];
  static release: (() => void) | undefined;
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      if ('event' in item) continue;
      Hoarder.held.push(item);
      const data = item.data.slice();
      await new Promise<void>((resolve) => (Hoarder.release = resolve));
      yield { ...item, data };
    }
  }
}
class Passing extends Pipe {
  static readonly metadata = metadata('testpassing');
  static readonly pads = any;
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) yield item;
  }
}
class LatePipe extends Pipe<typeof LatePipe.properties> {
  static readonly metadata = metadata('testlatepipe');
  static readonly properties = latency;
  static readonly pads = any;
  override start(): void {
    this.setLatency({ min: this.props.latency * MS });
  }
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) yield item;
  }
}
for (const element of [Moody, Late, LivePcm, Hoarder, Passing, LatePipe]) register(element);

const moodyOf = (pipeline: Pipeline): Moody => pipeline.element('m').instance as unknown as Moody;

/** Keeps the JS thread busy until `done`, at most `ms`; looks every few milliseconds. */
function busyUntil(done: () => boolean, ms: number): boolean {
  const end = performance.now() + ms;
  for (let look = 0; performance.now() < end; ) {
    if (performance.now() < look) continue;
    if (done()) return true;
    look = performance.now() + 3;
  }
  return done();
}

t.test('an answer after the stop is dropped, and its memory is let go', async (t) => {
  const before = native.elementCounts();
  const pipeline = Pipeline.launch('videotestsrc ! testmoody name=m mood=never ! fakesink');
  const playing = t.rejects(pipeline.play(), { code: 'core/state-change' });
  while (pipeline.element('m').instance === undefined) await turn();
  const moody = moodyOf(pipeline);
  while (moody.settle.length === 0) await turn();
  await pipeline.stop();
  await playing;
  t.ok(moody.frames[0]!.data.length > 0, 'until it settles JS may look');
  t.equal(native.elementCounts().calls, before.calls + 1);
  moody.settle[0]!();
  await turn();
  t.equal(moody.frames[0]?.data.length, 0);
  t.equal(native.elementCounts().calls, before.calls);
  await pipeline.close();
});

t.test('a flush ends the wait of a blocking element, and data flows again behind it', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc ! testmoody name=m ! fakesink sync=false');
  await pipeline.play();
  const moody = moodyOf(pipeline);
  for (let round = 0; round < 20; round++) {
    pipeline.element('m').set('mood', 'never');
    const waiting = moody.settle.length;
    while (moody.settle.length === waiting) await turn();
    const sought = pipeline.seek(round * 1e9);
    pipeline.element('m').set('mood', 'async');
    await sought;
    const seen = moody.frames.length;
    while (moody.frames.length < seen + 3) await turn();
  }
  t.equal(await Promise.race([pipeline.finished(), turn('still')]), 'still', 'and no error came');
  await pipeline.close();
});

t.test('what a pipe held over a stop does not come out in the next run', async (t) => {
  const h = await harness('testhoarder', { caps: 'text/x-raw,format=utf8' });
  await h.push({ data: Uint8Array.of(1), pts: 1 });
  while (Hoarder.release === undefined) await turn();
  const old = Hoarder.release;
  await h.pipeline.stop();
  Hoarder.release = undefined;
  await h.pipeline.play();
  await h.push({ data: Uint8Array.of(2), pts: 2 });
  while (Hoarder.release === undefined) await turn();
  old();
  await turn();
  (Hoarder.release as () => void)();
  t.equal((await h.pull()).data[0], 2);
  t.equal(Hoarder.held[0]?.data.length, 0, 'its memory was taken back');
  await h.close();
});

t.test('caps are answered while the JS thread is busy', async (t) => {
  const pipeline = Pipeline.launch('videotestsrc name=v ! testmoody ! testpassing ! fakesink');
  await pipeline.ready();
  t.equal(pipeline.element('v').pad('src')!.caps, undefined);
  // Fixed caps on the source's pad: it has asked everything behind it, and nobody asked JS.
  const paused = pipeline.pause();
  t.ok(busyUntil(() => pipeline.element('v').pad('src')!.caps !== undefined, 5000));
  await paused;
  await pipeline.close();
});

t.test('latency adds up, and is answered and handed out while the JS thread is busy', async (t) => {
  const pipeline = Pipeline.launch(
    'testlivepcm name=s latency=40 ! testlate latency=100 ! testlatepipe latency=80 ! queue name=q ! fakesink name=out sync=true processing-deadline=20000000',
    { clock: 'test' },
  );
  const playing = pipeline.play();
  const sourceOf = () => pipeline.element('s').instance as unknown as LivePcm | undefined;
  // What comes before the start belongs to no stream and is let go.
  while (sourceOf()?.started !== true) await turn();
  const source = sourceOf() as LivePcm;
  for (let i = 0; i < 30; i++) await source.push({ data: new Uint8Array(320) });
  await playing;
  while (pipeline.latency()?.min !== (40 + 100 + 80 + 20) * MS) await turn();
  while ((pipeline.element('q').get('current-level-buffers') as number) < 29) await turn();
  pipeline.element('out').set('processing-deadline', 50 * MS);
  // The sink waits until time + latency. Times are multiples of 20 ms, so is 240 ms; 270 ms is not.
  const { clock } = pipeline;
  const told = () => {
    const next = clock.next();
    if (next === undefined || next % (20 * MS) === 10 * MS) return next !== undefined;
    clock.set(next);
    return false;
  };
  t.ok(busyUntil(told, 5000), 'the sink knows, and JS had no part in it');
  await pipeline.close();
});

t.test('a method that GStreamer calls on the JS thread runs there, and must not promise', async (t) => {
  // Setting the length of this filter pushes what is left in it, on the thread that sets it.
  const pipeline = Pipeline.launch(
    'appsrc name=in format=time caps=audio/x-raw,format=F32LE,rate=8800,channels=1,layout=interleaved ! audiowsinclimit name=fir length=101 cutoff=1000 ! testmoody name=m ! fakesink async=false sync=false',
  );
  const failed = new Promise((resolve) => pipeline.on('error', resolve));
  await pipeline.play();
  const moody = moodyOf(pipeline);
  const feed = pipeline.element('in').feed();
  const push = async (count: number) => {
    await feed.push({ data: new Uint8Array(4 * 700), pts: count * 79545454, duration: 79545454 });
    while (moody.frames.at(-1)?.data.length !== 0 || moody.frames.length < 2 * count + 1) await turn();
  };
  await push(0);
  // A turn more, so that the streaming thread is out of the filter and waits for the next.
  for (let i = 0; i < 20; i++) await turn();
  moody.inside = true;
  pipeline.element('fir').set('length', 51);
  t.equal(moody.seenInside, 1, 'before set() returned');
  moody.inside = false;
  await push(1);
  for (let i = 0; i < 20; i++) await turn();
  pipeline.element('m').set('mood', 'async');
  pipeline.element('fir').set('length', 71);
  t.match(await failed, {
    code: 'core/failed',
    element: 'm',
    message: /returned a promise, which cannot be awaited there/,
  });
  await pipeline.close();
});

t.test('a storm of events leaves room for everything else', async (t) => {
  const h = await harness('testmoody', { caps: 'text/x-raw,format=utf8' });
  const { events } = h.object as unknown as Moody;
  for (let i = 0; i < 5000; i++) h.event('now', { i }, { oob: true });
  let most = 0;
  for (let before = 0; events.length < 5000; before = events.length) {
    await turn();
    most = Math.max(most, events.length - before);
  }
  t.ok(most <= 2 * 256, `${most} in one turn`);
  await h.close();
});

t.test('pipelines that are forgotten take their elements along', async (t) => {
  await gc();
  const before = native.elementCounts().instances;
  await forget(10);
  for (let i = 0; i < 200 && native.elementCounts().instances > before; i++) await gc();
  t.equal(native.elementCounts().instances, before);
});

/** In a function of its own, so that nothing of them is left on the stack. */
async function forget(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const pipeline = Pipeline.launch(
      'testlivepcm ! testmoody ! testhoarder ! fakesink async=false sync=false',
    );
    pipeline.unref();
    if (i % 2 === 0) await pipeline.play();
  }
}
