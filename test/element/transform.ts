import t from 'tap';
import {
  type Caps,
  type Frame,
  floats,
  type Metadata,
  type PadTemplates,
  type Properties,
  pcm,
  register,
  type TimedFrame,
  Transform,
} from '../../src/element/index.js';
import { harness } from '../support/harness.js';

const F32 = 'audio/x-raw,format=F32LE,layout=interleaved,channels=3,rate=8800';
const metadata = (name: string): Metadata => ({
  name,
  longName: name,
  klass: 'Filter/Effect/Audio',
  description: 'For tests',
  author: 'talkgraph',
});

/** Multiplies; keeps what it saw, so that the tests can look. */
class Gain extends Transform<typeof Gain.properties> {
  static readonly metadata = metadata('testgain');
  static readonly properties = {
    gain: { type: 'double', default: 2, min: 0, max: 10, mutable: 'playing', blurb: 'Factor' },
  } as const satisfies Properties;
  static readonly pads = {
    sink: { caps: 'audio/x-raw,format=F32LE' },
    src: { caps: 'audio/x-raw,format=F32LE' },
  } satisfies PadTemplates;
  caps: Caps | undefined;
  kept: Frame | undefined;

  override setup(caps: Caps): void {
    this.caps = caps;
  }

  override transform(frame: Frame): void {
    this.kept = frame;
    const samples = floats(frame);
    for (let i = 0; i < samples.length; i++) samples[i] = samples[i]! * this.props.gain;
  }
}

/** Floats to 16 bit, half as many bytes: not in place. */
class Narrow extends Transform {
  static readonly metadata = metadata('testnarrow');
  static readonly pads = {
    sink: { caps: 'audio/x-raw,format=F32LE,layout=interleaved' },
    src: { caps: 'audio/x-raw,format=S16LE,layout=interleaved' },
  } satisfies PadTemplates;
  static override readonly inPlace = false;
  static override readonly keep = ['rate', 'channels'];
  readonly setups: string[] = [];

  override setup(caps: Caps, pad: string): void {
    this.setups.push(`${pad} ${caps.fields['format']} ${caps.fields['rate']}`);
  }

  override async transform(frame: Frame, out: Uint8Array): Promise<number | undefined> {
    const to = pcm({ data: out });
    floats(frame).forEach((sample, i) => {
      to[i] = Math.round(sample * 100);
    });
    await Promise.resolve();
    // A single sample of all channels is cut short, to show that it can be.
    return frame.data.length === 12 ? 2 : undefined;
  }
}

/** Drops every second frame and gives a last one at the end. */
class Half extends Transform {
  static readonly metadata = metadata('testhalf');
  static readonly pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;
  #n = 0;

  override transform(): 'drop' | undefined {
    return this.#n++ % 2 === 1 ? 'drop' : undefined;
  }

  override drain(): TimedFrame[] {
    return [{ data: Uint8Array.of(9), pts: 77 }];
  }
}

for (const element of [Gain, Narrow, Half]) register(element);

const frame = (values: number[], extra: Partial<TimedFrame> = {}): TimedFrame => ({
  data: new Uint8Array(Float32Array.from(values).buffer),
  pts: 0,
  duration: 1e6,
  ...extra,
});

t.test('works in place and keeps times, flags and order', async (t) => {
  const h = await harness('testgain gain=3', { caps: F32 });
  await h.push(frame([1, 2, 3, 4, 5, 6], { pts: 0, duration: 7 }));
  await h.push(
    frame([-1, 0, 1], {
      pts: 7,
      duration: 3,
      offset: 41,
      discont: true,
      header: true,
      delta: true,
      gap: true,
    }),
  );
  const first = await h.pull();
  t.same([...floats(first)], [3, 6, 9, 12, 15, 18]);
  t.match(first, { pts: 0, duration: 7, gap: false, header: false });
  const second = await h.pull();
  t.match(second, { pts: 7, duration: 3, offset: 41, discont: true, header: true, delta: true, gap: true });
  h.end();
  t.same((await h.rest()).frames, []);
  const object = h.object as unknown as Gain;
  t.equal(object.caps?.name, 'audio/x-raw');
  t.match(object.caps?.fields, { rate: 8800, channels: 3, format: 'F32LE' });
  await h.close();
});

t.test('the view is detached when the method is done', async (t) => {
  const h = await harness('testgain', { caps: F32 });
  await h.push(frame([1, 2, 3]));
  await h.pull();
  const { kept } = h.object as unknown as Gain;
  t.equal(kept?.data.length, 0);
  t.equal(kept?.data.buffer.byteLength, 0);
  await h.close();
});

t.test('a property set while playing counts from the next frame on', async (t) => {
  const h = await harness('testgain', { caps: F32 });
  await h.push(frame([1, 1, 1]));
  t.same([...floats(await h.pull())], [2, 2, 2]);
  h.element.set('gain', 10);
  await h.push(frame([1, 1, 1]));
  t.same([...floats(await h.pull())], [10, 10, 10]);
  t.throws(() => h.element.set('gain', 10.5), TypeError);
  await h.close();
});

t.test('writes into a frame of its own size when not in place', async (t) => {
  const h = await harness('testnarrow', { caps: F32 });
  await h.push(frame([0.5, -0.25, 0.01, 0, 1, -1], { pts: 123, duration: 9 }));
  const out = await h.pull();
  t.same([...pcm(out)], [50, -25, 1, 0, 100, -100]);
  t.match(out, { pts: 123, duration: 9 });
  await h.push(frame([1, 1, 1]));
  t.equal((await h.pull()).data.length, 2, 'a number says how much of it is used');
  t.match(h.outputCaps, /S16LE.*rate=\(int\)8800.*channels=\(int\)3|channels=\(int\)3.*rate=\(int\)8800/);
  t.same((h.object as unknown as Narrow).setups, ['sink F32LE 8800', 'src S16LE 8800']);
  await h.close();
});

t.test('drops what it returns as drop, and lets a last frame out before the end', async (t) => {
  const h = await harness('testhalf', { caps: 'text/x-raw,format=utf8' });
  for (let i = 0; i < 5; i++) await h.push({ data: Uint8Array.of(i), pts: i });
  h.end();
  const { frames } = await h.rest();
  t.same(
    frames.map(({ data, pts }) => [data[0], pts]),
    [
      [0, 0],
      [2, 2],
      [4, 4],
      [9, 77],
    ],
  );
  t.ok(frames[1]?.discont, 'a frame behind a dropped one is a discontinuity');
  await h.close();
});

t.test('a buffer that somebody else holds is copied, not written to', async (t) => {
  const h = await harness('testgain gain=5', { caps: F32, after: 'tee name=t ! queue' });
  await h.push(frame([1, 1, 1]));
  t.same([...floats(await h.pull())], [5, 5, 5]);
  await h.close();
});

t.test('refuses caps that its pads do not have, as a negotiation error', async (t) => {
  const caps = 'audio/x-raw,format=S16LE,rate=8800,channels=1,layout=interleaved';
  // Depending on who is faster it fails while starting or with the first frame.
  const failure = harness('testgain', { caps }).then(async (h) => {
    h.push({ data: new Uint8Array(4), pts: 0 }).catch(() => undefined);
    await h.failure().finally(() => h.close());
  });
  await t.rejects(failure, { code: 'core/negotiation' });
});
