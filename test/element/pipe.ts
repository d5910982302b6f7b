import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type Caps,
  type ElementEvent,
  type Frame,
  type Item,
  type PadTemplates,
  Pipe,
  type PipeInput,
  register,
} from '../../src/element/index.js';
import { objectOf } from '../../src/element/runtime.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { any, metadata } from '../support/declared.js';
import { harness, type OutEvent } from '../support/harness.js';

const TEXT = 'text/x-raw,format=utf8';
const byte = (frame: Frame): number | undefined => frame.data[0];

/** Takes three, gives their sum and, at the end, what is left. */
class Sum extends Pipe {
  static readonly metadata = metadata('testsum');
  static readonly pads = any;
  override async *run(input: PipeInput): AsyncIterable<Item> {
    let batch: Frame[] = [];
    const flush = (): Frame => {
      const sum = batch.reduce((total, frame) => total + frame.data[0]!, 0);
      const { pts } = batch[0]!;
      batch = [];
      return { data: Uint8Array.of(sum), pts };
    };
    for await (const item of input) {
      if ('event' in item) yield item;
      else if (batch.push(item) === 3) yield flush();
    }
    if (batch.length > 0) yield flush();
  }
}

/** Gives each frame back, and two copies. */
class Triple extends Pipe {
  static readonly metadata = metadata('testtriple');
  static readonly pads = any;
  readonly seen: Frame[] = [];
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      if ('event' in item) continue;
      this.seen.push(item);
      const data = item.data.slice();
      const { pts } = item;
      yield item;
      yield { data, pts };
      yield { data, pts };
    }
  }
}

/** Keeps the first frame in its hands until it is told to pass it on. */
class Hold extends Pipe {
  static readonly metadata = metadata('testhold');
  static readonly pads = any;
  frame: Frame | undefined;
  given = false;
  go: () => void = () => undefined;
  readonly #told = new Promise<void>((resolve) => {
    this.go = resolve;
  });
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      if ('event' in item) continue;
      this.frame = item;
      await this.#told;
      yield item;
      this.given = true;
    }
  }
}

/** Says what its caps become. */
class Resize extends Pipe {
  static readonly metadata = metadata('testresize');
  static readonly pads = {
    sink: { caps: 'audio/x-raw' },
    src: { caps: 'other/tensors,format=static' },
  } satisfies PadTemplates;
  override async setup({ fields }: Caps): Promise<string> {
    await turn();
    return `other/tensors,format=static,dimensions=(string)${fields['rate'] / 100}:80:1:1,framerate=[1/1,50/1]`;
  }
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) yield item;
  }
}

/** Takes what is there, waits to be told, and keeps a diary. */
class Manual extends Pipe {
  static readonly metadata = metadata('testmanual');
  static readonly pads = any;
  static override readonly queue = { in: 4, out: 2 };
  readonly diary: string[] = [];
  runs = 0;
  input: PipeInput | undefined;
  signals: AbortSignal[] = [];
  started: (() => void) | undefined;
  #yields: { item: Item | undefined; resolve: () => void }[] = [];
  #wake: (() => void) | undefined;

  override event({ name, oob, upstream }: ElementEvent): void {
    this.diary.push(`${name}${oob ? ' oob' : ''}${upstream ? ' up' : ''}`);
  }

  /** Yields an item, or ends `run`; resolves when it was accepted. */
  give(item: Item | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#yields.push({ item, resolve });
      this.#wake?.();
    });
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    const run = ++this.runs;
    this.input = input;
    this.signals.push(this.signal);
    const { signal } = this;
    this.started?.();
    try {
      for (;;) {
        while (this.#yields.length === 0 && !signal.aborted) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
            signal.addEventListener('abort', () => resolve(), { once: true });
          });
        }
        if (signal.aborted) return;
        const { item, resolve } = this.#yields.shift()!;
        if (item === undefined) return;
        yield item;
        resolve();
      }
    } finally {
      this.diary.push(`run ${run} over`);
    }
  }
}

/** The input, once `run` has begun. */
async function begun(pipe: Manual): Promise<PipeInput> {
  while (pipe.input === undefined) await turn();
  return pipe.input;
}

for (const element of [Sum, Triple, Resize, Manual, Hold]) register(element);

t.test('takes M frames and gives N, with the tail at the end', async (t) => {
  const h = await harness('testsum', { caps: TEXT });
  for (let i = 1; i <= 7; i++) await h.push({ data: Uint8Array.of(i), pts: i });
  h.end();
  const { frames } = await h.rest();
  t.same(
    frames.map((frame) => [byte(frame), frame.pts]),
    [
      [6, 1],
      [15, 4],
      [7, 7],
    ],
  );
  await h.close();
});

t.test('an event that is yielded stays at its place', async (t) => {
  const h = await harness('testsum', { caps: TEXT });
  for (let i = 1; i <= 6; i++) {
    await h.push({ data: Uint8Array.of(i), pts: i });
    if (i === 4) h.event('word', { text: 'four', n: 4, exact: 0.5, yes: true });
  }
  h.end();
  t.match(await h.next(), { pts: 1 });
  t.match(await h.next(), { name: 'talkgraph/word', fields: { text: 'four', n: 4, exact: 0.5, yes: true } });
  t.match(await h.next(), { pts: 4 });
  t.equal(await h.next(), undefined);
  await h.close();
});

t.test('hands a frame on with its memory, and detaches the view', async (t) => {
  const h = await harness('testtriple', { caps: TEXT });
  await h.push({
    data: Uint8Array.of(3, 1, 4),
    pts: 5,
    duration: 9,
    offset: 2,
    metas: { TestMeta: { a: 1, b: 'x' } },
  });
  h.end();
  const { frames } = await h.rest();
  t.same(
    frames.map(({ data }) => [...data]),
    [
      [3, 1, 4],
      [3, 1, 4],
      [3, 1, 4],
    ],
  );
  t.match(frames[0], { pts: 5, duration: 9, offset: 2, metas: { TestMeta: { a: 1, b: 'x' } } });
  t.equal((h.object as unknown as Triple).seen[0]?.data.length, 0);
  await h.close();
});

t.test('its setup decides the caps of the src pad, fixed by what follows', async (t) => {
  const h = await harness('testresize', {
    caps: 'audio/x-raw,format=S16LE,layout=interleaved,rate=8800,channels=1',
  });
  await h.push({ data: new Uint8Array(2), pts: 0 });
  await h.pull();
  t.match(h.outputCaps, /dimensions=\(string\)88:80:1:1/);
  await h.close();
});

t.test('is bounded on both sides', async (t) => {
  const h = await harness('testmanual', { caps: TEXT });
  const pipe = h.object as unknown as Manual;
  let pushed = 0;
  const pushing = (async () => {
    for (; pushed < 60; pushed++) await h.push({ data: Uint8Array.of(pushed), pts: pushed });
  })();
  // Taken is only the first: 4 are queued, one waits in chain, and the source's own queue holds 16.
  while (pushed < 21) await turn();
  for (let i = 0; i < 100; i++) await turn();
  t.equal(pushed, 21);
  // It yields into a paused sink: the sink keeps one, its queue holds 2.
  await h.pipeline.pause();
  let given = 0;
  const giving = (async () => {
    for (; given < 30; given++) await pipe.give({ data: Uint8Array.of(given), pts: given });
  })();
  while (given < 2) await turn();
  for (let i = 0; i < 100; i++) await turn();
  t.ok(given <= 3, `${given} were accepted`);
  await h.pipeline.play();
  await giving;
  for (let i = 0; i < 30; i++) t.equal(byte(await h.pull()), i);
  // And the other side goes on as soon as something is taken.
  let taken = 0;
  while (taken < 60) {
    const item = await pipe.input!.next();
    if (item !== undefined) t.equal(byte(item as Frame), taken++);
  }
  await pushing;
  await h.close();
});

t.test('holds up no live source while it works', async (t) => {
  const pipeline = Pipeline.launch(
    `audiotestsrc is-live=true samplesperbuffer=880 ! audio/x-raw,rate=8800,channels=3 ! identity name=i signal-handoffs=true
       ! testhold name=p ! fakesink async=false`,
    { clock: 'test' },
  );
  let passed = 0;
  pipeline.element('i').on('handoff', () => passed++);
  await pipeline.play();
  await pipeline.clock.waitFor(1);
  pipeline.clock.set(1e9);
  const hold = objectOf(native.elementId(pipeline.element('p').raw)) as unknown as Hold;
  while (hold.frame === undefined) await turn();
  // All that begins in that second, although the first 100 ms of it are still in its hands.
  for (const until = performance.now() + 5000; passed < 11 && performance.now() < until; ) await turn();
  t.equal(passed, 11);
  t.equal(hold.given, false);
  await pipeline.close();
});

t.test('poll gives what is there already', async (t) => {
  const h = await harness('testmanual', { caps: TEXT });
  const pipe = h.object as unknown as Manual;
  await h.push({ data: Uint8Array.of(1), pts: 1 });
  await begun(pipe);
  t.equal(byte(pipe.input!.poll() as Frame), 1);
  t.equal(pipe.input!.poll(), undefined);
  await h.close();
});

t.test('a cut drops old frames on both sides, keeps events in order and starts afresh', async (t) => {
  const h = await harness('testmanual', { caps: TEXT });
  const pipe = h.object as unknown as Manual;
  await h.push({ data: Uint8Array.of(1), pts: 1 });
  h.event('word', { n: 1 });
  await h.push({ data: Uint8Array.of(2), pts: 2 });
  h.event('word', { n: 2 });
  await h.push({ data: Uint8Array.of(3), pts: 3 });
  await begun(pipe);
  const first = (await pipe.input!.next()) as Frame;
  const word = (await pipe.input!.next()) as Item;
  t.match(word, { name: 'talkgraph/word', fields: { n: 1 } });
  t.equal(byte(first), 1);
  const [signal] = pipe.signals;
  h.event('cut', { epoch: 1, pts: 0 }, { oob: true });
  // The cut and what it sets free go different ways.
  const both = [await h.next(), await h.next()] as OutEvent[];
  both.sort((a, b) => (a.name < b.name ? -1 : 1));
  t.match(both[0], { name: 'talkgraph/cut', oob: true });
  t.match(both[1], { name: 'talkgraph/word', fields: { n: 1 } }, 'taken, but not yielded before the cut');
  t.equal(signal?.aborted, true);
  t.equal(first.data.length, 0, 'what it had taken is taken back');
  while (pipe.runs < 2) await turn();
  const second = (await pipe.input!.next()) as Item;
  t.match(second, { name: 'talkgraph/word', fields: { n: 2 } });
  await pipe.give(second);
  await h.push({ data: Uint8Array.of(4), pts: 4 });
  h.event('epoch', { epoch: 1 });
  await h.push({ data: Uint8Array.of(5), pts: 5 });
  const fresh = (await pipe.input!.next()) as Frame;
  t.match([byte(fresh), fresh.discont], [5, true]);
  await pipe.give(fresh);
  t.match(await h.next(), { name: 'talkgraph/word', fields: { n: 2 } });
  t.match(await h.next(), { name: 'talkgraph/epoch', fields: { epoch: 1 } });
  t.match(await h.next(), { pts: 5, discont: true });
  t.same(pipe.diary.sort(), ['run 1 over', 'talkgraph/cut oob']);
  await h.close();
});

t.test(
  'what a resampler still gives of old data behind the epoch is dropped, what is only late is not',
  async (t) => {
    const h = await harness('testmanual', { caps: TEXT });
    const pipe = h.object as unknown as Manual;
    await h.push({ data: Uint8Array.of(1), pts: 900e6 });
    await begun(pipe);
    const afresh = new Promise<void>((resolve) => (pipe.started = resolve));
    h.event('cut', { epoch: 1 }, { oob: true });
    while (!pipe.signals[0]!.aborted) await turn();
    h.event('epoch', { epoch: 1, pts: 500e6 });
    await h.push({ data: Uint8Array.of(2), pts: 940e6 });
    await h.push({ data: Uint8Array.of(3), pts: 500e6 });
    await h.push({ data: Uint8Array.of(4), pts: 940e6 });
    await afresh;
    for (const expected of [3, 4]) {
      const frame = (await pipe.input!.next()) as Frame;
      t.equal(byte(frame), expected);
      await pipe.give(frame);
    }
    const again = new Promise<void>((resolve) => (pipe.started = resolve));
    h.event('cut', { epoch: 2 }, { oob: true });
    while (!pipe.signals[1]!.aborted) await turn();
    h.event('epoch', { epoch: 2, pts: 700e6 });
    await h.push({ data: Uint8Array.of(5), pts: 900e6, discont: true });
    await again;
    t.equal(byte((await pipe.input!.next()) as Frame), 5, 'a jump says that it is new');
    await h.close();
  },
);

t.test('what an old run yields after a cut is dropped', async (t) => {
  const h = await harness('testmanual', { caps: TEXT });
  const pipe = h.object as unknown as Manual;
  await h.push({ data: Uint8Array.of(1), pts: 1 });
  const old = await begun(pipe);
  const frame = (await old!.next()) as Frame;
  const afresh = new Promise<void>((resolve) => (pipe.started = resolve));
  h.event('cut', { epoch: 3 }, { oob: true });
  t.equal(await old!.next(), undefined, 'the old input has ended');
  while (!pipe.signals[0]!.aborted) await turn();
  t.equal(frame.data.length, 0);
  h.event('epoch', { epoch: 3 });
  await h.push({ data: Uint8Array.of(2), pts: 2 });
  await afresh;
  await pipe.give((await pipe.input!.next()) as Frame);
  t.equal(byte(await h.pull()), 2);
  await h.close();
});

t.test('a stop while run waits for ever is quick and no error', async (t) => {
  const h = await harness('testmanual', { caps: TEXT });
  const pipe = h.object as unknown as Manual;
  await h.push({ data: Uint8Array.of(1), pts: 1 });
  await begun(pipe);
  await h.pipeline.stop();
  t.equal(pipe.signals[0]?.aborted, true);
  t.same(h.errors, []);
  await h.pipeline.play();
  t.equal(pipe.runs, 1, 'run begins with the first item');
  await h.push({ data: Uint8Array.of(7), pts: 7 });
  while (pipe.runs < 2) await turn();
  t.equal(byte((await pipe.input!.next()) as Frame), 7, 'nothing of the first time is left');
  await h.close();
});

t.test('run may end before its input does', async (t) => {
  const h = await harness('testmanual', { caps: TEXT });
  const pipe = h.object as unknown as Manual;
  await h.push({ data: Uint8Array.of(1), pts: 1 });
  await begun(pipe);
  await pipe.give({ data: Uint8Array.of(8), pts: 0 });
  void pipe.give(undefined);
  t.match(await h.next(), { pts: 0 });
  t.equal(await h.next(), undefined);
  await h.close();
});

t.test('events from downstream reach it, and go on', async (t) => {
  const h = await harness('testmanual', { caps: TEXT });
  const pipe = h.object as unknown as Manual;
  h.event('gauge', { level: 3 }, { up: true });
  while (h.upstream().length === 0) await turn();
  t.match(h.upstream()[0], { name: 'talkgraph/gauge', fields: { level: 3 }, upstream: true });
  t.same(pipe.diary, ['talkgraph/gauge oob up']);
  await h.close();
});

t.test('two pipes behind one tee each have a view of their own', async (t) => {
  const pipeline = Pipeline.launch(
    `videotestsrc num-buffers=1 pattern=white ! video/x-raw,format=GRAY8,width=64,height=70 ! tee name=t
       t. ! testhold name=one ! fakesink async=false   t. ! testhold name=two ! fakesink async=false`,
  );
  await pipeline.play();
  const [one, two] = ['one', 'two'].map(
    (name) => objectOf(native.elementId(pipeline.element(name).raw)) as unknown as Hold,
  ) as [Hold, Hold];
  while (one.frame === undefined || two.frame === undefined) await turn();
  t.equal(native.elementCounts().loans, 2);
  one.go();
  while (!one.given) await turn();
  t.equal(one.frame.data.length, 0, 'what was yielded is gone');
  t.equal(two.frame.data.length, 64 * 70, 'what another pipe has is still there');
  t.equal(native.elementCounts().loans, 1);
  two.go();
  await pipeline.finished();
  t.equal(two.frame.data.length, 0);
  t.equal(native.elementCounts().loans, 0);
  await pipeline.close();
});

t.test('a stop while the stream begins is no error, however early it comes', async (t) => {
  const errors: Error[] = [];
  for (let turns = 0; turns < 60; turns++) {
    const pipeline = Pipeline.launch('videotestsrc ! video/x-raw,width=16,height=16 ! testhold ! fakesink');
    pipeline.on('error', (error) => errors.push(error));
    await pipeline.ready();
    pipeline.play().catch(() => undefined);
    for (let i = 0; i < turns % 7; i++) await turn();
    await pipeline.stop();
    await pipeline.close();
  }
  t.same(errors, []);
});
