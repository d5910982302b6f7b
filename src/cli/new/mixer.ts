import type { Template } from './template.js';

/** Several inputs, one output at its own frame rate: the brightest pixel of all. */
export const mixer: Template = {
  blurb: 'makes one frame of what several inputs have for its time',
  element: ({ factory, className, title }) => `/**
 * ${title}: the brightest of all inputs, pixel by pixel.
 *
 * The loop over pixels costs about 5 ns for each; anything heavier belongs into native/ or onto a model.
 */
import {
  type Metadata,
  type Mixed,
  Mixer,
  type Output,
  type PadFrames,
  type PadTemplates,
  type Properties,
} from '../src/element/index.js';

export default class ${className} extends Mixer<typeof ${className}.properties> {
  static readonly metadata = {
    name: '${factory}',
    longName: '${title}',
    klass: 'Filter/Editor/Video',
    description: 'Shows the brightest of all its inputs',
    author: 'you',
  } satisfies Metadata;

  static readonly properties = {
    width: { type: 'uint', unit: 'pixels', min: 4, max: 4096, default: 64, blurb: 'Width of the picture, a multiple of 4' },
    height: { type: 'uint', unit: 'pixels', min: 1, max: 4096, default: 48, blurb: 'Height of the picture' },
  } as const satisfies Properties;

  static readonly pads = {
    'sink_%u': { caps: 'video/x-raw, format=GRAY8' },
    src: { caps: 'video/x-raw, format=GRAY8' },
  } satisfies PadTemplates;

  static readonly examples = [
    '${factory} name=m ! fakesink  videotestsrc num-buffers=5 ! video/x-raw,width=64,height=48 ! m.  ' +
      'videotestsrc num-buffers=5 pattern=ball ! video/x-raw,width=64,height=48 ! m.',
  ];

  override start(): void {
    const { width, height } = this.props;
    this.setOutputCaps(\`video/x-raw,format=GRAY8,width=\${width},height=\${height},framerate=25/1\`);
  }

  override aggregate(pads: PadFrames, { pts, duration }: Output): Mixed {
    const data = this.alloc(this.props.width * this.props.height).fill(0);
    for (const frame of Object.values(pads)) {
      const input = frame?.data ?? [];
      for (let i = 0; i < Math.min(data.length, input.length); i++) data[i] = Math.max(data[i]!, input[i]!);
    }
    return { data, pts, duration };
  }
}
`,
  test: ({ factory, className }) => `import t from 'tap';
import ${className} from '../../elements/${factory}.js';
import { register } from '../../src/element/index.js';
import { harness } from '../support/harness.js';

register(${className});
const caps = 'video/x-raw,format=GRAY8,width=4,height=1,framerate=25/1';
const frame = (n: number, ...pixels: number[]) => ({ data: Uint8Array.from(pixels), pts: n * 40e6, duration: 40e6 });

t.test('shows the brightest pixel of all inputs that are there', async (t) => {
  const h = await harness('${factory} width=4 height=1', { inputs: { sink_0: caps, sink_1: caps } });
  await h.push(frame(0, 9, 0, 5, 0), 'sink_0');
  await h.push(frame(0, 0, 7, 6, 0), 'sink_1');
  await h.push(frame(1, 1, 2, 3, 4), 'sink_0');
  h.end();
  const { frames } = await h.rest();
  t.same(
    frames.map((one) => [one.pts, [...one.data]]),
    [
      [0, [9, 7, 6, 0]],
      [40e6, [1, 2, 3, 4]],
    ],
  );
  await h.close();
});
`,
};
