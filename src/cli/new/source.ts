import type { Template } from './template.js';

/** Makes media: a square wave of a given length. */
export const source: Template = {
  blurb: 'makes media',
  element: ({ factory, className, title }) => `/**
 * ${title}: a square wave.
 *
 * Time comes from the count of samples, never from adding durations up.
 */
import {
  type Created,
  framesToNs,
  type Metadata,
  type PadTemplates,
  type Position,
  type Properties,
  Source,
} from '../src/element/index.js';

/** Samples of a buffer. */
const BLOCK = 160;

export default class ${className} extends Source<typeof ${className}.properties> {
  static readonly metadata = {
    name: '${factory}',
    longName: '${title}',
    klass: 'Source/Audio',
    description: 'Makes a square wave',
    author: 'you',
  } satisfies Metadata;

  static readonly properties = {
    frequency: { type: 'double', unit: 'Hz', min: 1, max: 4000, default: 440, mutable: 'playing', blurb: 'Pitch' },
    samples: { type: 'uint', min: 0, max: 100_000_000, default: 16_000, blurb: 'Samples until the end' },
    rate: { type: 'uint', unit: 'Hz', min: 8000, max: 48_000, default: 16_000, blurb: 'Sample rate' },
  } as const satisfies Properties;

  static readonly pads = {
    src: { caps: 'audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=[8000,48000]' },
  } satisfies PadTemplates;

  static readonly examples = ['${factory} samples=8000 ! audioconvert ! fakesink'];

  override start(): void {
    this.setOutputCaps(\`audio/x-raw, rate=\${this.props.rate}\`);
  }

  override create({ frames }: Position): Created {
    const { frequency, rate, samples } = this.props;
    const count = Math.min(BLOCK, samples - frames);
    if (count <= 0) return null;
    const data = this.alloc(2 * count);
    const wave = new Int16Array(data.buffer, data.byteOffset, count);
    for (let i = 0; i < count; i++) {
      const phase = (((frames + i) * frequency) / rate) % 1;
      wave[i] = phase < 0.5 ? 8000 : -8000;
    }
    const pts = framesToNs(frames, rate);
    return { data, pts, duration: framesToNs(frames + count, rate) - pts };
  }
}
`,
  test: ({ factory, className }) => `import t from 'tap';
import ${className} from '../../elements/${factory}.js';
import { framesToNs, pcm, register } from '../../src/element/index.js';
import { harness } from '../support/harness.js';

register(${className});

t.test('makes exactly the samples that were asked for, without a gap in time', async (t) => {
  const h = await harness('${factory} rate=8800 samples=333', { inputs: {} });
  const { frames } = await h.rest();
  let samples = 0;
  for (const frame of frames) {
    t.equal(frame.pts, framesToNs(samples, 8800));
    samples += pcm(frame).length;
  }
  t.equal(samples, 333);
  await h.close();
});

t.test('has the pitch that was asked for', async (t) => {
  const h = await harness('${factory} rate=8800 samples=8800 frequency=100', { inputs: {} });
  const { frames } = await h.rest();
  const wave = frames.flatMap((frame) => [...pcm(frame)]);
  const rises = wave.filter((sample, i) => sample > 0 && (wave[i - 1] ?? -1) < 0).length;
  t.equal(rises, 100);
  await h.close();
});

t.test('no samples is an end at once', async (t) => {
  const h = await harness('${factory} samples=0', { inputs: {} });
  t.same(await h.rest(), { frames: [], events: [] });
  await h.close();
});
`,
};
