import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import {
  type Frame,
  type Item,
  Mixer,
  type PadFrames,
  type PadTemplates,
  Pipe,
  type PipeInput,
  register,
  Sink,
  type TimedFrame,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { any, metadata } from '../support/declared.js';
import { gc } from '../support/gc.js';
import { type Harness, harness } from '../support/harness.js';

const TEXT = 'text/x-raw,format=utf8';

class Through extends Transform {
  static readonly metadata = metadata('testthrough');
  static readonly pads = any;
  override transform(): void {}
}
class Copied extends Transform {
  static readonly metadata = metadata('testcopied');
  static readonly pads = any;
  static override readonly inPlace = false;
  override start(): void {
    this.setOutputCaps(TEXT);
  }
  override transform(frame: Frame, out: Uint8Array): void {
    out.set(frame.data);
  }
}
class Piped extends Pipe {
  static readonly metadata = metadata('testpiped');
  static readonly pads = any;
  readonly kept: Frame[] = [];
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      if (!('event' in item)) this.kept.push(item);
      yield item;
    }
  }
}
class Inverted extends Transform {
  static readonly metadata = metadata('testinverted');
  static readonly pads = any;
  override transform({ data }: Frame): void {
    for (let i = 0; i < data.length; i++) data[i] = 255 - data[i]!;
  }
}
/** Writes down how pictures lie in memory, at each kind of sink pad. */
const layouts: string[] = [];
const layout = ({ planes = [] }: Frame): number =>
  layouts.push(
    planes.map(({ stride, width, height, data }) => `${width}x${height}/${stride} ${data.length}`).join(', '),
  );
class LaidOut extends Sink {
  static readonly metadata = metadata('testlaidout');
  static readonly pads = { sink: any.sink } satisfies PadTemplates;
  static override readonly sync = false;
  override render(frame: Frame): void {
    layout(frame);
  }
}
class LaidPipe extends Pipe {
  static readonly metadata = metadata('testlaidpipe');
  static readonly pads = any;
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      if (!('event' in item)) layout(item);
      yield item;
    }
  }
}
class LaidMixer extends Mixer {
  static readonly metadata = metadata('testlaidmixer');
  static readonly pads = {
    'sink_%u': any.sink,
    src: { caps: 'text/x-raw,framerate=25/1' },
  } satisfies PadTemplates;
  kept: Frame | undefined;
  override aggregate({ sink_0: frame }: PadFrames) {
    if (frame === undefined) return undefined;
    this.kept = frame;
    layout(frame);
    return { data: Uint8Array.of(1) };
  }
}
for (const element of [Through, Copied, Piped, Inverted, LaidOut, LaidPipe, LaidMixer]) register(element);

const everything: Omit<TimedFrame, 'data'> = {
  ...{ pts: 0, dts: 3, duration: 7, offset: 41 },
  ...{ gap: true, discont: true, header: true, delta: true },
  metas: { TalkTest: { n: 5, word: 'ä', exact: 0.25, yes: false } },
};

for (const element of ['testthrough', 'testcopied', 'testpiped']) {
  t.test(`${element} carries all times, flags and metas, and zero is a time`, async (t) => {
    const h = await harness(element, { caps: TEXT });
    await h.push({ data: Uint8Array.of(1, 2), ...everything });
    t.match(await h.pull(), everything);
    await h.push({ data: Uint8Array.of(3), pts: 9 });
    const plain = await h.pull();
    t.match(
      [plain.dts, plain.duration, plain.offset, plain.gap, plain.header, plain.delta, plain.metas],
      [undefined, undefined, undefined, false, false, false, undefined],
      'and nothing of it sticks to the next',
    );
    await h.close();
  });
}

t.test('metas go through tee, queue, and what converts and resizes', async (t) => {
  const caps = 'video/x-raw,format=I420,width=6,height=4,framerate=25/1';
  const after =
    'tee name=t  t. ! queue ! fakesink async=false  t. ! queue ! videoconvert ! video/x-raw,format=RGB ! videoscale ! video/x-raw,width=12';
  const h = await harness('testthrough', { caps, after });
  await h.push({
    data: new Uint8Array(48),
    pts: 0,
    metas: { TalkTest: { n: 1 }, Talk_Second: { at: 2 ** 40 } },
  });
  const out = await h.pull();
  t.match(out.metas, { TalkTest: { n: 1 }, Talk_Second: { at: 2 ** 40 } });
  t.equal(out.planes?.[0]?.width, 12);
  await h.close();
  const sound = 'audio/x-raw,format=F32LE,layout=interleaved,channels=1,rate=8800';
  const a = await harness('testthrough', {
    caps: sound,
    after: 'audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=4400',
  });
  await a.push({ data: new Uint8Array(700 * 4), pts: 0, metas: { TalkTest: { n: 2 } } });
  t.match((await a.pull()).metas, { TalkTest: { n: 2 } });
  await a.close();
});

t.test('refuses metas that GStreamer could not register', async (t) => {
  for (const [name, message] of [
    ['no name', /Expected a meta name of three or more letters, digits and _\+- but received "no name"/],
    ['ab', /Expected a meta name/],
    ['GstVideoMeta', /the meta GstVideoMeta is GStreamer's own/],
  ] as const) {
    const h = await harness('testthrough', { caps: TEXT });
    await t.rejects(h.push({ data: Uint8Array.of(1), pts: 0, metas: { [name]: {} } }), { message }, name);
    await h.close();
  }
});

t.test('odd widths and padded rows are described as they lie, on every kind of sink pad', async (t) => {
  const odd = 'videotestsrc num-buffers=1 ! video/x-raw,format=I420,width=5,height=3,framerate=25/1';
  // 6x4 in rows of 16 and 8 bytes, the planes with nothing between them.
  const padded =
    'videotestsrc num-buffers=1 ! video/x-raw,format=I420,width=12,height=6,framerate=25/1 ! rawvideoparse width=6 height=4 format=i420 plane-strides="<16,8,8>" plane-offsets="<0,64,80>" frame-size=96';
  for (const ending of ['testlaidout', 'testlaidpipe ! fakesink', 'testlaidmixer ! fakesink']) {
    layouts.length = 0;
    for (const beginning of [odd, padded]) {
      const pipeline = Pipeline.launch(`${beginning} ! ${ending}`);
      await pipeline.play();
      await pipeline.finished();
      await pipeline.close();
    }
    t.same(layouts, ['5x3/8 32, 3x2/4 8, 3x2/4 8', '6x4/16 64, 3x2/8 16, 3x2/8 16'], ending);
  }
});

t.test('a transform does not write into a picture that another branch shows', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc num-buffers=3 pattern=white ! video/x-raw,format=GRAY8,width=8,height=2 ! tee name=fork  fork. ! queue name=q ! appsink name=shared sync=false  fork. ! queue ! testinverted ! appsink name=changed sync=false',
  );
  const seen: Record<string, number[]> = { shared: [], changed: [] };
  for (const name of Object.keys(seen))
    pipeline.element(name).onSamples((batch) => seen[name]!.push(...batch.map(({ data }) => data[0]!)));
  await pipeline.play();
  await pipeline.finished();
  const white = seen['shared']![0]!;
  t.same(seen, { shared: [white, white, white], changed: [255 - white, 255 - white, 255 - white] });
  await pipeline.close();
});

t.test('a frame of a pipe is valid until it is yielded, released, or the work called off', async (t) => {
  const h = await harness('testpiped', { caps: TEXT });
  const pipe = h.object as unknown as Piped;
  const before = native.elementCounts().loans;
  await h.push({ data: Uint8Array.of(5), pts: 0 });
  await h.pull();
  t.equal(pipe.kept[0]?.data.length, 0, 'yielded: it is somebody else’s');
  await h.close();
  await gc();
  t.equal(native.elementCounts().loans, before, 'nothing stays lent');
});

t.test('a frame of a mixer is detached when the method is done', async (t) => {
  const pipeline = Pipeline.launch(
    'videotestsrc num-buffers=1 ! video/x-raw,framerate=25/1 ! testlaidmixer name=m ! fakesink',
  );
  await pipeline.play();
  await pipeline.finished();
  t.equal((pipeline.element('m').instance as unknown as LaidMixer).kept?.data.length, 0);
  await pipeline.close();
});

t.test('what JS made itself is copied, so that it may go on with it', async (t) => {
  const h = await harness('testthrough', { caps: TEXT });
  const data = Uint8Array.of(1, 2, 3);
  const pushed = h.push({ data: data.subarray(1), pts: 0 });
  data.fill(9);
  await pushed;
  t.same([...(await h.pull()).data], [2, 3]);
  t.equal(data.length, 3);
  await h.close();
});

t.test('memory from alloc goes out without a copy, and its view is gone', async (t) => {
  const h = await harness('testthrough', { caps: TEXT });
  const memory = h.object.alloc(5000).fill(7);
  await h.push({ data: memory.subarray(100, 103), pts: 0 });
  t.same([...(await h.pull()).data], [7, 7, 7], 'a part of it may go');
  t.equal(memory.length, 0);
  await t.rejects(h.push({ data: memory, pts: 1 }), {
    message: /a frame that was handed over has no data any more/,
  });
  await h.close();
});

t.test(
  'alloc gives the same memory again when a frame has gone by, whole and without its metas',
  async (t) => {
    const h = await harness('testthrough', { caps: TEXT });
    const first = h.object.alloc(5000).fill(7);
    await h.push({ data: first.subarray(0, 4000), pts: 0, metas: { TalkTest: { n: 1 } } });
    // The sink keeps the last one it had; the first comes back when the streaming thread lets go of it.
    await h.push({ data: Uint8Array.of(1), pts: 1 });
    for (let i = 0; i < 2; i++) await h.pull();
    let again = h.object.alloc(5000);
    while (again[3999] !== 7) {
      await turn();
      native.release(again.buffer as ArrayBuffer);
      again = h.object.alloc(5000);
    }
    t.equal(again.length, 5000);
    await h.push({ data: again, pts: 2 });
    const out = await h.pull();
    t.match([out.data.length, out.metas], [5000, undefined]);
    await h.close();
  },
);

t.test('alloc refuses what is no size, and what nobody could hold', async (t) => {
  const h = await harness('testthrough', { caps: TEXT });
  for (const bytes of [-1, 1.5, Number.NaN, 1e13])
    t.throws(() => h.object.alloc(bytes), {
      name: 'TypeError',
      message: /Expected an integer from 0 to \d+ for bytes/,
    });
  t.equal(h.object.alloc(0).length, 0);
  t.equal(h.object.alloc(7).length, 7);
  await h.close();
});

t.test('memory that was taken and never used is given back by the collector', async (t) => {
  const h = await harness('testthrough', { caps: TEXT });
  await gc();
  const before = native.elementCounts().loans;
  waste(h, 20);
  t.equal(native.elementCounts().loans, before + 20);
  for (let i = 0; i < 20 && native.elementCounts().loans > before; i++) await gc();
  t.equal(native.elementCounts().loans, before);
  await h.close();
});

/** In a function of its own, so that nothing of it is left on the stack. */
function waste({ object }: Harness, count: number): void {
  for (let i = 0; i < count; i++) object.alloc(5000);
}
