import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type Created,
  type ElementEvent,
  type Frame,
  type Metadata,
  MS,
  type PadTemplates,
  type Position,
  type Properties,
  pcm,
  register,
  SECOND,
  Source,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { harness } from '../support/harness.js';

const metadata = (name: string): Metadata => ({
  name,
  longName: name,
  klass: 'Source/Audio',
  description: 'For tests',
  author: 'talkgraph',
});
const pads = {
  src: { caps: 'audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=[8000,48000]' },
} satisfies PadTemplates;

/** Seven samples at a time, counted up; asked by native. */
class Count extends Source<typeof Count.properties> {
  static readonly metadata = metadata('testcount');
  static readonly properties = {
    buffers: { type: 'uint', default: 5, min: 0, max: 100, blurb: 'How many it makes' },
    rate: { type: 'uint', unit: 'Hz', default: 8800, min: 8000, max: 48000, blurb: 'Sample rate' },
  } as const satisfies Properties;
  static readonly pads = pads;
  readonly asked: Position[] = [];

  override start(): void {
    this.setOutputCaps(`audio/x-raw,rate=${this.props.rate}`);
  }

  override create(position: Position): Created {
    this.asked.push(position);
    if (position.frames >= this.props.buffers * 7) return null;
    const data = this.alloc(14);
    pcm({ data }).fill(position.frames);
    if (position.frames === 7) this.sendEvent('word', { text: 'seven' });
    return { data };
  }
}

/** Gives three frames that may not leave before their time, and can change its mind. */
class Paced extends Source {
  static readonly metadata = metadata('testpaced');
  static readonly pads = pads;
  static override readonly live = true;
  readonly asked: Position[] = [];
  value = 1;

  override start(): void {
    this.setOutputCaps('audio/x-raw,rate=8000');
    this.setLatency({ min: 0 });
  }

  override create(position: Position): Created {
    this.asked.push(position);
    return Array.from({ length: 3 }, (_, i) => {
      const pts = position.pts + i * 10 * MS;
      return { data: new Uint8Array(160).fill(this.value), pts, at: pts };
    });
  }
}

let wordy: Wordy | undefined;
let interrupter: Interrupter | undefined;

/** Says a word with each of its frames, from its second answer on another one. */
class Wordy extends Source<typeof Wordy.properties> {
  static readonly metadata = metadata('testwordy');
  static readonly properties = {} as const satisfies Properties;
  static readonly pads = pads;
  static override readonly live = true;
  readonly asked: Position[] = [];

  override start(): void {
    wordy = this;
    this.setOutputCaps('audio/x-raw,rate=8000');
    this.setLatency({ min: 0 });
  }

  override create(position: Position): Created {
    this.asked.push(position);
    if (this.asked.length > 2) return null;
    const frame = (pts: number) => ({ data: new Uint8Array(160).fill(this.asked.length), pts, at: pts });
    const word = (n: number) => ({ event: true as const, name: 'talkgraph/word', fields: { n } });
    return [0, 10 * MS].flatMap((after, i) => {
      return [word(2 * this.asked.length + i), word(2 * this.asked.length + i), frame(position.pts + after)];
    });
  }
}

/** Takes back what the source has given when it hears the first word of its second frame. */
class Interrupter extends Transform {
  static readonly metadata = metadata('testinterrupter');
  static readonly pads = { sink: pads.src, src: pads.src } satisfies PadTemplates;
  readonly heard: unknown[] = [];
  back: boolean | undefined;

  override start(): void {
    interrupter = this;
  }

  override transform(frame: Frame): void {
    this.heard.push(frame.data[0]);
  }

  override event({ fields }: ElementEvent): void {
    this.heard.push(`word ${String(fields['n'])}`);
    if (fields['n'] === 3) this.back ??= wordy?.revise();
  }
}

/** Answers late, and is interrupted. */
class Tardy extends Source {
  static readonly metadata = metadata('testtardy');
  static readonly pads = pads;
  readonly answers: ((created: Created) => void)[] = [];
  asked: (() => void) | undefined;
  signals: AbortSignal[] = [];

  override start(): void {
    this.setOutputCaps('audio/x-raw,rate=8000');
  }

  override create(): Promise<Created> {
    this.signals.push(this.signal);
    this.asked?.();
    return new Promise((resolve) => this.answers.push(resolve));
  }
}

/** Fed from outside. */
class Fed extends Source {
  static readonly metadata = metadata('testfed');
  static readonly pads = pads;
  static override readonly queue = { out: 3 };

  override start(): void {
    this.setOutputCaps('audio/x-raw,rate=8000');
  }
}

for (const element of [Count, Paced, Wordy, Interrupter, Tardy, Fed]) register(element);

t.test('is asked for each frame with the true position, and fills in the times', async (t) => {
  const h = await harness('testcount buffers=4', { inputs: {} });
  const { frames, events } = await h.rest();
  t.same(
    frames.map((frame) => [pcm(frame)[0], pcm(frame).length]),
    [
      [0, 7],
      [7, 7],
      [14, 7],
      [21, 7],
    ],
  );
  // 7 samples at 8,800 Hz are 795,454.5 ns.
  t.same(
    frames.map(({ pts }) => pts),
    [0, 795454, 1590908, 2386362],
  );
  t.equal(frames[0]?.discont, true);
  t.match(events, [{ name: 'talkgraph/word', fields: { text: 'seven' } }]);
  const { asked } = h.object as unknown as Count;
  t.same(
    asked.map(({ frames }) => frames),
    [0, 7, 14, 21, 28],
  );
  t.match(h.outputCaps, /rate=\(int\)8800/);
  await h.close();
});

t.test('an event sent inside create leaves before the frame of that call', async (t) => {
  const h = await harness('testcount buffers=3', { inputs: {} });
  t.match(await h.next(), { pts: 0 });
  t.match(await h.next(), { event: true, name: 'talkgraph/word' });
  t.match(await h.next(), { pts: 795454 });
  await h.close();
});

t.test('ends at once without a frame', async (t) => {
  const h = await harness('testcount buffers=0', { inputs: {} });
  t.equal(await h.next(), undefined);
  await h.close();
});

t.test('starts again from zero after a stop', async (t) => {
  const h = await harness('testcount buffers=2', { inputs: {} });
  t.equal((await h.rest()).frames.length, 2);
  await h.pipeline.stop();
  await h.pipeline.play();
  const { frames } = await h.rest();
  t.same(
    frames.map(({ pts }) => pts),
    [0, 795454],
  );
  await h.close();
});

t.test('a frame does not leave before its time', async (t) => {
  const h = await harness('testpaced', { inputs: {} });
  t.equal((await h.pull()).pts, 0);
  await h.clock.waitFor(1);
  t.equal(h.clock.next(), 10 * MS);
  t.equal(h.waiting.length, 0);
  await h.clock.crank();
  t.equal((await h.pull()).pts, 10 * MS);
  await h.clock.crank();
  t.equal((await h.pull()).pts, 20 * MS);
  await h.close();
});

t.test('revise takes back what has not left, and asks again at the true position', async (t) => {
  const h = await harness('testpaced', { inputs: {} });
  const source = h.object as unknown as Paced;
  t.equal((await h.pull()).data[0], 1);
  await h.clock.waitFor(1);
  source.value = 2;
  t.equal(source.revise(), true, 'it was taken back');
  await h.clock.crank();
  const changed = await h.pull();
  t.match([changed.pts, changed.data[0]], [10 * MS, 2]);
  t.same(source.asked, [
    { pts: 0, frames: 0 },
    { pts: 10 * MS, frames: 80 },
  ]);
  await h.close();
});

t.test('a frame whose events have begun to leave is not taken back', async (t) => {
  const p = Pipeline.launch('testwordy ! testinterrupter ! fakesink');
  t.teardown(() => p.close());
  await Promise.all([p.finished(), p.play()]);
  t.equal(interrupter?.back, false, 'nothing is left to be taken back');
  t.equal(interrupter?.heard.join(' '), 'word 2 word 2 1 word 3 word 3 1 word 4 word 4 2 word 5 word 5 2');
  t.same(
    wordy?.asked.map(({ pts }) => pts),
    [0, 20 * MS, 40 * MS],
  );
});

t.test('an answer from before a revise is void', async (t) => {
  const h = await harness('testtardy', { inputs: {} });
  const source = h.object as unknown as Tardy;
  if (source.answers.length === 0) await new Promise<void>((resolve) => (source.asked = resolve));
  const again = new Promise<void>((resolve) => (source.asked = resolve));
  t.equal(source.revise(), false, 'nothing was given yet');
  await again;
  source.answers[0]?.({ data: Uint8Array.of(1, 1) });
  source.answers[1]?.({ data: Uint8Array.of(2, 2) });
  t.same([...(await h.pull()).data], [2, 2]);
  await h.close();
});

t.test('an event sent behind a revise goes by itself, and those of the void answer with it', async (t) => {
  const h = await harness('testtardy', { inputs: {} });
  const source = h.object as unknown as Tardy;
  if (source.answers.length === 0) await new Promise<void>((resolve) => (source.asked = resolve));
  source.answers[0]?.({ data: Uint8Array.of(1, 1) });
  t.equal((await h.pull()).data[0], 1);
  while (source.answers.length < 2) await turn();
  source.sendEvent('word', { text: 'taken back' });
  const again = new Promise<void>((resolve) => (source.asked = resolve));
  source.revise();
  source.sendEvent('word', { text: 'stays' });
  await again;
  const old = { event: true as const, name: 'talkgraph/word', fields: { text: 'old' } };
  source.answers[1]?.([old, { data: Uint8Array.of(2, 2) }]);
  source.answers[2]?.({ data: Uint8Array.of(3, 3) });
  t.match(await h.next(), { event: true, name: 'talkgraph/word', fields: { text: 'stays' } });
  t.match((await h.pull()).data[0], 3);
  t.same(h.waiting, [], 'nothing else came');
  await h.close();
});

t.test('a stop in the middle of create is quick, aborts the signal and is no error', async (t) => {
  const h = await harness('testtardy', { inputs: {} });
  const source = h.object as unknown as Tardy;
  if (source.answers.length === 0) await new Promise<void>((resolve) => (source.asked = resolve));
  await h.pipeline.stop();
  t.equal(source.signals[0]?.aborted, true);
  source.answers[0]?.(null);
  t.same(h.errors, []);
  await h.close();
});

t.test('pausing a live source loses nothing', async (t) => {
  const h = await harness('testpaced', { inputs: {} });
  await h.pull();
  await h.clock.waitFor(1);
  await h.pipeline.pause();
  await h.pipeline.play();
  await h.clock.crank();
  t.equal((await h.pull()).pts, 10 * MS);
  t.equal((h.object as unknown as Paced).asked.length, 1);
  await h.close();
});

t.test('push waits while its queue is full', async (t) => {
  const h = await harness('testfed', { inputs: {}, paused: true });
  const source = h.object as unknown as Fed;
  // Paused: the sink keeps the first frame, the queue takes three.
  let given = 0;
  const pushing = (async () => {
    for (; given < 20; given++) await source.push({ data: Uint8Array.of(given, 0), pts: given });
  })();
  while (given < 3) await turn();
  for (let i = 0; i < 100; i++) await turn();
  t.equal(given, 3, 'the push of the fourth is still waiting');
  await h.pipeline.play();
  await pushing;
  source.end();
  const { frames } = await h.rest();
  t.same(
    frames.map(({ data }) => data[0]),
    Array.from({ length: 20 }, (_, i) => i),
  );
  await h.close();
});

t.test('says what is wrong with a frame', async (t) => {
  const h = await harness('testtardy', { inputs: {} });
  const source = h.object as unknown as Tardy;
  if (source.answers.length === 0) await new Promise<void>((resolve) => (source.asked = resolve));
  source.answers[0]?.({ data: new Uint8Array(0), pts: SECOND });
  await t.rejects(h.failure(), { message: /Expected a frame with data, or a gap/ });
  await h.close();
});
