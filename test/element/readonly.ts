/** What only a sanitizer build notices (`npm run test:native:asan`): nobody pays for it elsewhere. */
import t from 'tap';
import {
  type Frame,
  type Item,
  type PadTemplates,
  Pipe,
  type PipeInput,
  register,
  Sink,
  Transform,
} from '../../src/element/index.js';
import { any, metadata } from '../support/declared.js';
import { harness } from '../support/harness.js';

const scribble = ({ data }: Frame): void => {
  data[6] = data[6]! ^ 0xff;
};

class ScribblingSink extends Sink {
  static readonly metadata = metadata('testscribblingsink');
  static readonly pads = { sink: any.sink } satisfies PadTemplates;
  override render(frame: Frame): void {
    scribble(frame);
  }
}

class ScribblingPipe extends Pipe {
  static readonly metadata = metadata('testscribblingpipe');
  static readonly pads = any;
  override async *run(input: PipeInput): AsyncIterable<Item> {
    for await (const item of input) {
      if (!('event' in item)) scribble(item);
      yield item;
    }
  }
}

class AllowedPipe extends ScribblingPipe {
  static override readonly metadata = metadata('testallowedpipe');
  static override readonly writable = true;
}

class AllowedTransform extends Transform {
  static readonly metadata = metadata('testallowedtransform');
  static readonly pads = any;
  override transform(frame: Frame): void {
    scribble(frame);
  }
}

for (const element of [ScribblingSink, ScribblingPipe, AllowedPipe, AllowedTransform]) register(element);

const watched = process.env['TALKGRAPH_NATIVE'] === 'asan';
const frame = () => ({ data: Uint8Array.of(8, 8, 0, 0, 1, 2, 3), pts: 0 });

for (const name of ['testscribblingsink', 'testscribblingpipe']) {
  const told = 'an author who writes into a frame that is lent for reading is told so';
  t.test(`${told}: ${name}`, { skip: !watched }, async (t) => {
    const h = await harness(name, { caps: 'text/x-raw,format=utf8' });
    await h.push(frame());
    await t.rejects(h.failure(), { code: 'library/failed', message: /only lent for reading/ });
    await h.close();
  });
}

for (const name of ['testallowedpipe', 'testallowedtransform']) {
  t.test(`an author who may write, may: ${name}`, async (t) => {
    const h = await harness(name, { caps: 'text/x-raw,format=utf8' });
    await h.push(frame());
    t.same((await h.pull()).data, Uint8Array.of(8, 8, 0, 0, 1, 2, 3 ^ 0xff));
    t.same(h.errors, []);
    await h.close();
  });
}
