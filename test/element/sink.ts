import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type Caps,
  type ElementEvent,
  type Frame,
  type Metadata,
  MS,
  type PadTemplates,
  type Properties,
  register,
  Sink,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { harness } from '../support/harness.js';

const TEXT = 'text/x-raw,format=utf8';

/** Writes down what comes and when; answers when it is let. */
class Diary extends Sink<typeof Diary.properties> {
  static readonly metadata = {
    name: 'testdiary',
    longName: 'Diary',
    klass: 'Sink',
    description: 'Writes down what comes',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly properties = {
    slow: { type: 'bool', default: false, blurb: 'Answers only when it is let' },
    latency: { type: 'uint', unit: 'ms', default: 0, min: 0, max: 500, blurb: 'Latency it declares' },
  } as const satisfies Properties;
  static readonly pads = { sink: { caps: `${TEXT}; audio/x-raw` } } satisfies PadTemplates;
  readonly lines: string[] = [];
  readonly frames: Frame[] = [];
  readonly signals: AbortSignal[] = [];
  readonly #waiting: (() => void)[] = [];

  /** Lets the oldest frame go that is at work. */
  let(): void {
    this.#waiting.shift()?.();
  }

  override start(): void {
    this.setLatency({ min: this.props.latency * MS });
    this.lines.push('start');
  }

  override stop(): void {
    this.lines.push('stop');
  }

  override setup(caps: Caps, pad: string): void {
    this.lines.push(`setup ${pad} ${caps.name} ${caps.fields['format']}`);
  }

  override event({ name, fields, pad }: ElementEvent): void {
    this.lines.push(`${name} ${fields['n']} ${pad}`);
  }

  override render(frame: Frame): void | Promise<void> {
    this.lines.push(`${frame.data[0] ?? 'gap'} at ${(this.runningTime() ?? -1) / MS}`);
    this.frames.push(frame);
    this.signals.push(this.signal);
    if (this.props.slow) return new Promise((resolve) => this.#waiting.push(resolve));
  }

  override drain(): void {
    this.lines.push('drain');
  }
}
register(Diary);

const at = (milliseconds: number, value = milliseconds) => ({
  data: Uint8Array.of(value),
  pts: milliseconds * MS,
  duration: 10 * MS,
});
const diaryOf = (h: { object: unknown }): Diary => h.object as Diary;

/** The event loop turns until the diary has this many lines. */
async function written(diary: Diary, count: number): Promise<void> {
  while (diary.lines.length < count) await turn();
}

t.test('gets caps, frames, events and the end in order, between start and stop', async (t) => {
  const h = await harness('testdiary sync=false', { caps: TEXT });
  const diary = diaryOf(h);
  await h.push(at(1));
  h.event('word', { n: 1 });
  await h.push(at(2));
  h.end();
  await h.pipeline.finished();
  t.same(
    diary.lines.map((line) => line.replace(/ at .*/, '')),
    ['start', 'setup sink text/x-raw utf8', '1', 'talkgraph/word 1 sink', '2', 'drain'],
    'EOS is told only when drain is done',
  );
  await h.pipeline.stop();
  t.equal(diary.lines.at(-1), 'stop');
  await h.close();
});

t.test('renders each frame when the clock says so, the first at zero', async (t) => {
  const h = await harness('testdiary', { caps: TEXT });
  const diary = diaryOf(h);
  for (const ms of [0, 70, 88]) await h.push(at(ms));
  await written(diary, 3);
  await h.clock.waitFor(1);
  t.equal(h.clock.next(), 70 * MS);
  await h.clock.crank();
  await written(diary, 4);
  await h.clock.crank();
  await written(diary, 5);
  t.same(diary.lines.slice(2), ['0 at 0', '70 at 70', '88 at 88']);
  await h.close();
});

t.test('what it declares as latency is waited for by all', async (t) => {
  const h = await harness('testdiary latency=40', { caps: TEXT, live: true });
  await h.push(at(100));
  await h.clock.waitFor(1);
  t.match(h.pipeline.latency(), { live: true });
  t.equal(h.element.get('sync'), true);
  await h.close();
});

t.test('with sync=false nothing waits for the clock', async (t) => {
  const h = await harness('testdiary sync=false', { caps: TEXT });
  for (const ms of [5000, 70_000]) await h.push(at(ms, 7));
  await written(diaryOf(h), 4);
  t.equal(h.clock.time, 0);
  await h.close();
});

t.test('a promise of render holds the next frame back', async (t) => {
  const h = await harness('testdiary sync=false slow=true', { caps: TEXT });
  const diary = diaryOf(h);
  for (const ms of [1, 2, 3]) await h.push(at(ms));
  await written(diary, 3);
  for (let i = 0; i < 50; i++) await turn();
  t.equal(diary.frames.length, 1);
  t.equal(diary.frames[0]?.data[0], 1, 'its view is valid while it works');
  diary.let();
  await written(diary, 4);
  t.equal(diary.frames[0]?.data.length, 0, 'and detached afterwards');
  t.equal(diary.frames[1]?.data[0], 2);
  await h.close();
});

t.test('a gap without data arrives as one', async (t) => {
  const h = await harness('testdiary sync=false', { caps: TEXT });
  await h.push({ data: new Uint8Array(0), pts: 0, gap: true });
  const diary = diaryOf(h);
  await written(diary, 3);
  t.match(diary.lines[2], /^gap/);
  t.equal(diary.frames[0]?.gap, true);
  await h.close();
});

t.test('a flush ends the wait for JS, and data flows again behind it', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc samplesperbuffer=7 ! audio/x-raw,rate=8800 ! testdiary name=d sync=false slow=true',
  );
  await pipeline.play();
  const diary = pipeline.element('d').instance as unknown as Diary;
  while (diary.frames.length === 0) await turn();
  const sought = pipeline.seek(1e9);
  while (!diary.signals[0]!.aborted) await turn();
  t.equal(diary.frames[0]?.pts, 0, 'JS may look at its memory until it settles');
  t.ok(diary.frames[0]!.data.length > 0);
  diary.let();
  await turn();
  t.equal(diary.frames[0]?.data.length, 0);
  await sought;
  while (diary.frames.length < 2) await turn();
  t.equal(diary.frames[1]?.pts, 1e9);
  await pipeline.close();
});

t.test('a flush from its own pad on reaches it', async (t) => {
  const h = await harness('testdiary sync=false slow=true', { caps: TEXT });
  const diary = diaryOf(h);
  await h.push(at(1));
  await written(diary, 3);
  t.equal(await h.element.pad('sink')!.flush(), true);
  while (!diary.signals[0]!.aborted) await turn();
  t.same(h.upstream(), []);
  await h.close();
});

t.test('a stop in the middle of render is quick and no error', async (t) => {
  const h = await harness('testdiary sync=false slow=true', { caps: TEXT });
  const diary = diaryOf(h);
  await h.push(at(1));
  await written(diary, 3);
  await h.pipeline.stop();
  t.equal(diary.signals[0]?.aborted, true);
  t.same(h.errors, []);
  t.equal(diary.lines.at(-1), 'stop');
  await h.close();
});

t.test('a pause in the middle of render is quick, and the frame goes on being rendered', async (t) => {
  const h = await harness('testdiary sync=false slow=true', { caps: TEXT });
  const diary = diaryOf(h);
  for (const ms of [1, 2]) await h.push(at(ms));
  await written(diary, 3);
  await h.pipeline.pause();
  t.equal(diary.signals[0]?.aborted, false);
  await h.pipeline.play();
  t.equal(diary.frames[0]?.data[0], 1, 'it is still there');
  await h.pipeline.pause();
  diary.let();
  await h.pipeline.play();
  await written(diary, 4);
  t.equal(diary.frames[0]?.data.length, 0);
  t.equal(diary.frames[1]?.data[0], 2, 'and then comes the next');
  await h.pipeline.pause();
  await h.pipeline.stop();
  t.equal(diary.signals[1]?.aborted, true, 'a stop ends it as ever');
  t.same(h.errors, []);
  await h.close();
});

t.test('two of them run side by side, each with its own frames', async (t) => {
  const pipeline = Pipeline.launch(
    'audiotestsrc num-buffers=7 samplesperbuffer=7 ! audio/x-raw,format=S16LE,rate=8800,channels=3 ! tee name=fork  fork. ! queue ! testdiary name=a sync=false  fork. ! queue ! audioconvert ! audio/x-raw,format=U8 ! testdiary name=b sync=false',
  );
  await pipeline.play();
  await pipeline.finished();
  const [a, b] = ['a', 'b'].map((name) => pipeline.element(name).instance as unknown as Diary);
  t.equal(a!.frames.length, 7);
  t.equal(b!.frames.length, 7);
  t.match(a!.lines[1], /setup sink audio\/x-raw S16LE/);
  t.match(b!.lines[1], /setup sink audio\/x-raw U8/);
  await pipeline.close();
});

t.test('refuses caps that its pad does not have', async (t) => {
  t.throws(() => Pipeline.launch('videotestsrc ! testdiary'), { code: 'core/link' });
  // Depending on who is faster it fails while starting or with the first frame.
  const failure = harness('testdiary', { caps: 'text/x-raw,format=pango-markup' }).then(async (h) => {
    h.push(at(1)).catch(() => undefined);
    await h.failure().finally(() => h.close());
  });
  await t.rejects(failure, { code: 'core/negotiation' });
});
