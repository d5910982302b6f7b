import type { Template } from './template.js';

/** Takes media in: tells the loudest sample. */
export const sink: Template = {
  blurb: 'takes media in',
  element: ({ factory, className, title }) => `/**
 * ${title}: listens, and posts how loud it was.
 *
 * An element reports and does not decide: whoever plays the graph hears of it by the message \`loudest\`.
 */
import { type Frame, type Metadata, type PadTemplates, pcm, Sink } from '../src/element/index.js';

export default class ${className} extends Sink {
  static readonly metadata = {
    name: '${factory}',
    longName: '${title}',
    klass: 'Sink/Audio',
    description: 'Tells how loud the loudest sample was',
    author: 'you',
  } satisfies Metadata;

  static readonly pads = {
    sink: { caps: 'audio/x-raw, format=S16LE, layout=interleaved' },
  } satisfies PadTemplates;

  static readonly examples = ['audiotestsrc num-buffers=5 ! audioconvert ! ${factory} sync=false'];

  #loudest = 0;

  override start(): void {
    this.#loudest = 0;
  }

  override render(frame: Frame): void {
    for (const sample of pcm(frame)) this.#loudest = Math.max(this.#loudest, Math.abs(sample));
  }

  override drain(): void {
    this.post('loudest', { sample: this.#loudest });
  }
}
`,
  test: ({ factory, className }) => `import t from 'tap';
import ${className} from '../../elements/${factory}.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';

register(${className});

/** What is posted for a line of sound, played to its end. */
async function loudest(source: string): Promise<unknown[]> {
  const pipeline = Pipeline.launch(\`\${source} ! ${factory} sync=false\`);
  const posted: unknown[] = [];
  pipeline.on('mark', ({ name, fields }) => name === 'loudest' && posted.push(fields['sample']));
  await pipeline.play();
  await pipeline.finished();
  await pipeline.close();
  return posted;
}

t.test('tells the loudest sample at the end', async (t) => {
  const caps = 'audio/x-raw,format=S16LE,channels=3,rate=8800';
  const [sample] = await loudest(\`audiotestsrc num-buffers=3 samplesperbuffer=77 wave=square volume=0.5 ! \${caps}\`);
  t.ok(Math.abs(Number(sample) - 16383) <= 1);
});

t.test('silence is zero', async (t) => {
  t.same(await loudest('audiotestsrc num-buffers=1 wave=silence ! audio/x-raw,format=S16LE'), [0]);
});
`,
};
