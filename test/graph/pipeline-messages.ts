import t from 'tap';
import { type Metadata, type PadTemplates, register, Transform } from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';

const POSTS = 300;

/** Has much to say when it is stopped. */
class Talker extends Transform {
  static readonly metadata = {
    name: 'testtalker',
    longName: 'Talker',
    klass: 'Filter',
    description: 'Posts messages when it is stopped',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;
  override stop(): void {
    for (let n = 0; n < POSTS; n++) this.post('goodbye', { n });
  }
  override transform(): void {}
}
register(Talker);

t.test('what was told while a pipeline stopped is heard before its stop resolves, in order', async (t) => {
  const pipeline = Pipeline.launch('audiotestsrc num-buffers=3 ! testtalker ! fakesink');
  const heard: unknown[] = [];
  pipeline.on('mark', ({ name, fields }) => name === 'goodbye' && heard.push(fields['n']));
  for (let run = 1; run <= 3; run++) {
    await pipeline.play();
    await pipeline.stop();
    t.equal(heard.length, run * POSTS);
  }
  t.same(
    heard,
    Array.from({ length: 3 * POSTS }, (_, i) => i % POSTS),
  );
  await pipeline.close();
});
