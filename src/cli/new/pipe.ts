import type { Template } from './template.js';

/** M frames in, N out, at its own pace: keeps every n-th frame. */
export const pipe: Template = {
  blurb: 'takes some frames and gives some, at its own pace: everything that waits or infers',
  element: ({ factory, className, title }) => `/**
 * ${title}: passes every \`every\`-th frame on.
 *
 * A pipe has a bounded queue on both sides; it may await whatever it likes and give any number of frames for those it
 * took. Events are passed on at their place.
 */
import {
  type Item,
  type Metadata,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
} from '../src/element/index.js';

export default class ${className} extends Pipe<typeof ${className}.properties> {
  static readonly metadata = {
    name: '${factory}',
    longName: '${title}',
    klass: 'Filter',
    description: 'Passes some of the frames on',
    author: 'you',
  } satisfies Metadata;

  static readonly properties = {
    every: { type: 'uint', min: 1, max: 1000, default: 2, mutable: 'playing', blurb: 'One frame of so many is passed on' },
  } as const satisfies Properties;

  static readonly pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;

  static readonly examples = ['videotestsrc num-buffers=6 ! ${factory} every=3 ! fakesink'];

  /** After a flush or a cut it is called afresh, so what it counts begins anew. */
  override async *run(input: PipeInput): AsyncIterable<Item> {
    let count = 0;
    for await (const item of input) {
      if ('event' in item) yield item;
      else if (count++ % this.props.every === 0) yield item;
      else this.release(item);
    }
  }
}
`,
  test: ({ factory, className }) => `import t from 'tap';
import ${className} from '../../elements/${factory}.js';
import { register } from '../../src/element/index.js';
import { harness } from '../support/harness.js';

register(${className});
const frame = (n: number) => ({ data: Uint8Array.of(n, n, n, n), pts: n * 40e6, duration: 40e6 });
const caps = 'video/x-raw,format=GRAY8,width=2,height=1,framerate=25/1';

t.test('passes one frame of so many on, with its own time', async (t) => {
  const h = await harness('${factory} every=3', { caps });
  for (let n = 0; n < 7; n++) await h.push(frame(n));
  h.end();
  const { frames } = await h.rest();
  t.same(
    frames.map((one) => [one.data[0], one.pts]),
    [
      [0, 0],
      [3, 120e6],
      [6, 240e6],
    ],
  );
  await h.close();
});

t.test('events keep their place among the frames', async (t) => {
  const h = await harness('${factory} every=1', { caps });
  await h.push(frame(0));
  h.event('word', { text: 'here' });
  await h.push(frame(1));
  t.match(await h.next(), { pts: 0 });
  t.match(await h.next(), { event: true, name: 'talkgraph/word', fields: { text: 'here' } });
  t.match(await h.next(), { pts: 40e6 });
  await h.close();
});
`,
};
