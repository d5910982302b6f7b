/** Parts of a bin that may fail without taking bin and stream with them. */
import t, { type Test } from 'tap';
import {
  Bin,
  type Builder,
  type Caps,
  type Fields,
  type PadTemplates,
  type Part,
  type Properties,
  register,
  TalkError,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { any, metadata } from '../support/declared.js';

/** Never starts. */
class Unready extends Transform {
  static readonly metadata = metadata('testunready');
  static readonly pads = any;
  override start(): void {
    throw new TalkError('resource/busy', 'Nothing is free.');
  }
  override transform(): void {}
}

/** A guarded part in front of a sink; `spare` takes its place where there is one. */
class Careful extends Bin<typeof Careful.properties> {
  static readonly metadata = metadata('testcareful');
  static readonly properties = {
    part: { type: 'string', default: '', blurb: 'What may fail' },
    spare: { type: 'string', default: '', blurb: 'What takes its place' },
  } as const satisfies Properties;
  static readonly pads = { sink: { caps: 'audio/x-raw' } } satisfies PadTemplates;
  readonly failures: Fields[] = [];
  weak: Part | undefined;
  out: Part | undefined;

  override build(): void {
    this.failures.length = 0;
  }

  override padCaps(_pad: string, _caps: Caps, bin: Builder): void {
    if (this.weak !== undefined) return;
    const before = bin.add('identity silent=true');
    this.weak = bin.add(this.props.part, 'weak').guard();
    this.out = bin.add('identity name=out ! fakesink sync=false');
    before.link(this.weak).link(this.out);
    bin.expose('sink', before);
  }

  override message(name: string, fields: Fields): void {
    if (name !== 'part-failed') return;
    this.failures.push(fields);
    if (this.props.spare !== '') this.weak?.replaceBy(this.builder.add(this.props.spare, 'spare'));
  }

  /** Buffers that reached the sink. */
  get passed(): number {
    const stats = this.out?.child('out').get('stats') as { fields: Record<string, number> } | undefined;
    return stats?.fields['num-buffers'] ?? 0;
  }
}

register(Unready);
register(Careful);

async function play(t: Test, part: string, spare = '', buffers = 40) {
  const pipeline = Pipeline.launch(
    `audiotestsrc num-buffers=${buffers} samplesperbuffer=80 is-live=true ! audio/x-raw,rate=8000 ! testcareful name=b`,
  );
  t.teardown(() => pipeline.close());
  const errors: TalkError[] = [];
  pipeline.on('error', (error) => errors.push(error));
  pipeline.element('b').set('part', part);
  pipeline.element('b').set('spare', spare);
  await pipeline.play();
  const bin = pipeline.element('b').instance as unknown as Careful;
  await pipeline.finished();
  t.same(errors, [], 'nobody else is told');
  return bin;
}

t.test('one that fails is given nothing more, and its bin alone is told', async (t) => {
  const bin = await play(t, 'identity error-after=5 silent=true ! identity silent=true');
  t.match(bin.failures, [{ part: 'weak', message: String, debug: String }]);
  t.equal(bin.passed, 4);
});

t.test('another part takes its place, and the stream goes on', async (t) => {
  const bin = await play(
    t,
    'identity error-after=5 silent=true',
    'identity silent=true ! identity silent=true',
  );
  t.equal(bin.failures.length, 1);
  t.ok(bin.passed > 20, `${bin.passed} of 40`);
});

t.test('so it is with one that does not start', async (t) => {
  const bin = await play(t, 'testunready', 'identity silent=true');
  t.match(bin.failures, [{ part: 'weak', message: 'Nothing is free.' }]);
  t.ok(bin.passed > 20, `${bin.passed} of 40`);
});

t.test('and with one that does not take what comes', async (t) => {
  const bin = await play(t, 'capsfilter caps=audio/x-raw,rate=44100', 'identity silent=true');
  t.match(bin.failures, [{ part: 'weak' }]);
  t.ok(bin.passed > 20, `${bin.passed} of 40`);
});

t.test('a stream that ends meanwhile comes to its end', async (t) => {
  const bin = await play(t, 'testunready', '', 3);
  t.equal(bin.failures.length, 1);
  t.equal(bin.passed, 0);
});

t.test('what has no pad for it cannot be guarded', async (t) => {
  const pipeline = Pipeline.launch('audiotestsrc num-buffers=3 ! testcareful name=b part=audiotestsrc');
  t.teardown(() => pipeline.close());
  const failed = new Promise<TalkError>((resolve) => pipeline.once('error', resolve));
  await pipeline.play().catch(() => undefined);
  t.match((await failed).debug, /there is no pad "sink"/);
});
