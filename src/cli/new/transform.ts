import type { Template } from './template.js';

/** One frame in, the same frame out: a gain. */
export const transform: Template = {
  blurb: 'changes each frame, one in and one out',
  element: ({ factory, className, title }) => `/**
 * ${title}: multiplies every sample by \`gain\`.
 *
 * Say here why it exists, the equation it follows and where that comes from.
 */
import {
  type Frame,
  floats,
  type Metadata,
  type PadTemplates,
  type Properties,
  Transform,
} from '../src/element/index.js';

export default class ${className} extends Transform<typeof ${className}.properties> {
  static readonly metadata = {
    name: '${factory}',
    longName: '${title}',
    klass: 'Filter/Effect/Audio',
    description: 'Makes sound louder or quieter',
    author: 'you',
  } satisfies Metadata;

  static readonly properties = {
    gain: { type: 'double', min: 0, max: 10, default: 1, mutable: 'playing', blurb: 'Factor for every sample' },
  } as const satisfies Properties;

  static readonly pads = {
    sink: { caps: 'audio/x-raw, format=F32LE, layout=interleaved' },
    src: { caps: 'audio/x-raw, format=F32LE, layout=interleaved' },
  } satisfies PadTemplates;

  static readonly examples = ['audiotestsrc num-buffers=5 ! audioconvert ! ${factory} gain=0.5 ! fakesink'];

  override transform(frame: Frame): void {
    const samples = floats(frame);
    const { gain } = this.props;
    for (let i = 0; i < samples.length; i++) samples[i] = samples[i]! * gain;
  }
}
`,
  test: ({ factory, className }) => `import t from 'tap';
import ${className} from '../../elements/${factory}.js';
import { floats, register } from '../../src/element/index.js';
import { harness } from '../support/harness.js';

register(${className});
// Odd numbers on purpose, so that no hidden default can pass: seven samples of three channels.
const caps = 'audio/x-raw,format=F32LE,layout=interleaved,channels=3,rate=8800';
const samples = Float32Array.from({ length: 21 }, (_, i) => i / 100);
const frame = (pts: number) => ({ data: new Uint8Array(samples.slice().buffer), pts, duration: 795_454 });

t.test('multiplies every sample and leaves the time alone', async (t) => {
  const h = await harness('${factory} gain=0.5', { caps });
  await h.push(frame(0));
  await h.push(frame(795_454));
  h.end();
  const { frames } = await h.rest();
  t.same(
    frames.map((one) => [one.pts, [...floats(one)]]),
    [0, 795_454].map((pts) => [pts, [...samples.map((sample) => sample * 0.5)]]),
  );
  await h.close();
});

t.test('gain can be changed while it plays, over its whole range', async (t) => {
  const h = await harness('${factory}', { caps });
  for (const gain of [0, 10]) {
    h.element.set('gain', gain);
    await h.push(frame(0));
    t.same([...floats(await h.pull())], [...samples.map((sample) => sample * gain)]);
  }
  t.throws(() => h.element.set('gain', 10.5), TypeError);
  await h.close();
});
`,
};
