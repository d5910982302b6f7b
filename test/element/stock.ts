/** Elements that have the name of a stock one and wrap it, tried with a stock element that needs no device. */
import t from 'tap';
import { Bin, type Builder, register, Sink } from '../../src/element/index.js';
import { stockFactories } from '../../src/graph/catalog.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';

const about = { longName: 'Wrapper', klass: 'Sink', description: 'wraps', author: 'test' };

class FakeSink extends Bin<typeof FakeSink.properties> {
  static readonly metadata = { ...about, name: 'fakevideosink' };
  static readonly stock = 'fakevideosink';
  static readonly properties = {
    own: { type: 'uint', default: 7, blurb: 'Only ours has it' },
  } as const;
  static readonly pads = { sink: { caps: 'ANY' } };

  override build(bin: Builder): void {
    const stock = bin.stock('fakevideosink', 'inside');
    bin.lend(stock);
    bin.expose('sink', stock);
  }
}
register(FakeSink);

const LINE = 'videotestsrc num-buffers=3 ! fakevideosink name=s';

t.test('has the properties of the stock element: type, range, default', async (t) => {
  const pipeline = Pipeline.launch(`${LINE} sync=false max-lateness=77 own=8`);
  const sink = pipeline.element('s');
  t.equal(sink.get('own'), 8);
  t.equal(sink.get('sync'), false);
  t.equal(sink.get('max-lateness'), 77);
  t.equal(sink.get('qos'), true, 'a default of its own');
  t.throws(() => sink.set('sync', 'perhaps'), TypeError);
  t.throws(() => Pipeline.launch(`${LINE} no-such=1`), { code: 'resource/settings' });
  await pipeline.close();
});

t.test('passes them on to what is inside, before it starts, while it runs, and the next time', async (t) => {
  const pipeline = Pipeline.launch(`${LINE} sync=false`);
  const sink = pipeline.element('s');
  for (const lateness of [5, 6]) {
    sink.set('max-lateness', lateness);
    await pipeline.pause();
    const inside = pipeline.element('s/inside');
    t.not(inside.type, sink.type, 'inside is the stock element');
    t.equal(inside.get('sync'), false);
    t.equal(inside.get('max-lateness'), lateness);
    sink.set('max-lateness', lateness + 10);
    t.equal(inside.get('max-lateness'), lateness + 10);
    inside.set('max-lateness', 99);
    t.equal(sink.get('max-lateness'), 99, 'and answers with what is there');
    await pipeline.stop();
  }
  await pipeline.close();
});

t.test('is ours however it is made, and the stock one is known', async (t) => {
  t.ok(native.shadows('fakevideosink'));
  const pipeline = Pipeline.launch(LINE);
  t.equal(pipeline.element('s').type, 'GstTs_fakevideosink');
  await pipeline.play();
  await pipeline.finished();
  await pipeline.close();
});

t.test('says that a stock element is not installed, instead of making itself for ever', async (t) => {
  class Lonely extends Bin {
    static readonly metadata = { ...about, name: 'lonelysink' };
    static readonly stock = 'lonelysink';
    static readonly pads = { sink: { caps: 'ANY' } };
    override build(bin: Builder): void {
      bin.stock('lonelysink');
    }
  }
  register(Lonely);
  t.notOk(native.shadows('lonelysink'));
  const pipeline = Pipeline.launch('videotestsrc ! lonelysink');
  pipeline.on('error', () => undefined);
  const stock = stockFactories().map(({ name }) => name);
  t.notOk(stock.includes('lonelysink'), 'nor is ours taken for it');
  t.ok(stock.includes('fakevideosink'));
  await t.rejects(pipeline.play(), {
    code: 'core/missing-element',
    message: /own lonelysink is not installed .* talkgraph doctor/,
  });
  await pipeline.close();
});

t.test('only a bin can wrap', async (t) => {
  class Wrong extends Sink {
    static readonly metadata = { ...about, name: 'wrongsink' };
    static readonly stock = 'fakesink';
    static readonly pads = { sink: { caps: 'ANY' } };
    override render(): void {}
  }
  t.throws(() => register(Wrong), /Expected a bin to wrap the stock element fakesink/);
});

t.test('an output that says which addresses it takes has a place for them, and both pads', async (t) => {
  const metadata = { name: 'toplace', longName: 'x', klass: 'Sink', description: 'x', author: 'x' };
  class Nowhere extends Bin {
    static readonly metadata = { ...metadata, schemes: { place: 7 } };
    build(): void {}
  }
  t.throws(
    () => register(Nowhere),
    /Expected a property location and the pads video and audio for metadata.schemes/,
  );
  class Odd extends Nowhere {
    static override readonly metadata = { ...metadata, schemes: { place: 70_000 } };
  }
  t.throws(
    () => register(Odd),
    /Expected lower-case letters and a port for metadata.schemes but received .*place.* and .*70000/,
  );
});
