import type { Template } from './template.js';

/** Ordinary elements behind one name: sound to a WAV file. */
export const bin: Template = {
  blurb: 'is built of ordinary elements behind one name, as outputs are',
  element: ({ factory, className, title }) => `/**
 * ${title}: sound into a WAV file, whatever its format.
 *
 * The elements inside are GStreamer's own; TypeScript only puts them together.
 */
import { Bin, type Builder, type Metadata, type PadTemplates, type Properties } from '../src/element/index.js';

export default class ${className} extends Bin<typeof ${className}.properties> {
  static readonly metadata = {
    name: '${factory}',
    longName: '${title}',
    klass: 'Sink/Audio',
    description: 'Writes sound into a WAV file',
    author: 'you',
  } satisfies Metadata;

  static readonly properties = {
    location: { type: 'path', default: '', blurb: 'File to write' },
  } as const satisfies Properties;

  static readonly pads = { sink: { caps: 'audio/x-raw' } } satisfies PadTemplates;

  static readonly examples = ['audiotestsrc num-buffers=5 ! ${factory} location=/dev/null'];

  override build(bin: Builder): void {
    const chain = bin.add('audioconvert ! wavenc ! filesink name=file');
    chain.child('file').set('location', this.props.location);
    bin.expose('sink', chain);
  }
}
`,
  test: ({ factory, className }) => `import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ${className} from '../../elements/${factory}.js';
import { register } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';

register(${className});

t.test('writes a WAV file of the sound that came in', async (t) => {
  const file = join(t.testdir(), 'a.wav');
  const sound = 'audiotestsrc num-buffers=3 samplesperbuffer=77 ! audio/x-raw,format=S16LE,channels=3,rate=8800';
  const pipeline = Pipeline.launch(\`\${sound} ! ${factory} location=\${file}\`);
  await pipeline.play();
  await pipeline.finished();
  await pipeline.close();
  const bytes = readFileSync(file);
  t.equal(bytes.toString('latin1', 0, 4), 'RIFF');
  // Its chunk \`data\`: 3 buffers of 77 samples, 3 channels, 2 bytes each.
  t.equal(bytes.readUInt32LE(bytes.indexOf('data') + 4), 3 * 77 * 3 * 2);
});
`,
};
