import t from 'tap';
import {
  Bin,
  type Created,
  type Item,
  type Metadata,
  Mixer,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  register,
  Sink,
  Source,
  TalkError,
  Transform,
} from '../../src/element/index.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';

const metadata = (name: string): Metadata => ({
  name,
  longName: name,
  klass: 'Filter',
  description: 'Fails on purpose',
  author: 'talkgraph',
});
const properties = {
  at: {
    type: 'enum',
    values: ['nowhere', 'start', 'stop', 'setup', 'method', 'event', 'drain'],
    default: 'nowhere',
    blurb: 'Where it fails',
  },
  how: {
    type: 'enum',
    values: ['throw', 'reject', 'never', 'fail'],
    default: 'throw',
    blurb: 'How it fails',
  },
} as const satisfies Properties;
const any = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;

type Props = { readonly at: string; readonly how: string };
interface Failing {
  readonly props: Props;
  fail(error: TalkError): void;
}

/** Fails in the way the properties say, if this is the place. */
function may(element: Failing, place: string): undefined | Promise<never> {
  const { at, how } = element.props;
  if (at !== place) return undefined;
  const error = new TalkError('resource/quota', `No luck in ${place}`, {
    retryable: true,
    details: { left: 7 },
  });
  if (how === 'throw') throw error;
  if (how === 'reject') return Promise.reject(error);
  if (how === 'never') return new Promise(() => undefined);
  element.fail(error);
  return undefined;
}

class FailSource extends Source<typeof FailSource.properties> {
  static readonly metadata = metadata('failsource');
  static readonly properties = properties;
  static readonly pads = { src: any.src } satisfies PadTemplates;
  #n = 0;
  override start() {
    this.setOutputCaps('text/x-raw,format=utf8');
    return may(this, 'start');
  }
  override stop() {
    return may(this, 'stop');
  }
  override setup() {
    return may(this, 'setup');
  }
  override create(): Created | Promise<Created> {
    if (this.#n++ === 4) return null;
    return may(this, 'method') ?? { data: Uint8Array.of(1), pts: this.#n };
  }
}
class FailTransform extends Transform<typeof FailTransform.properties> {
  static readonly metadata = metadata('failtransform');
  static readonly properties = properties;
  static readonly pads = any;
  override start() {
    return may(this, 'start');
  }
  override stop() {
    return may(this, 'stop');
  }
  override setup() {
    return may(this, 'setup');
  }
  override event() {
    return may(this, 'event');
  }
  override drain() {
    return may(this, 'drain');
  }
  override transform() {
    return may(this, 'method');
  }
}
class FailPipe extends Pipe<typeof FailPipe.properties> {
  static readonly metadata = metadata('failpipe');
  static readonly properties = properties;
  static readonly pads = any;
  override start() {
    return may(this, 'start');
  }
  override stop() {
    return may(this, 'stop');
  }
  override setup() {
    return may(this, 'setup');
  }
  override async *run(input: PipeInput): AsyncIterable<Item> {
    await may(this, 'method');
    for await (const item of input) yield item;
    await may(this, 'drain');
  }
}
class FailSink extends Sink<typeof FailSink.properties> {
  static readonly metadata = metadata('failsink');
  static readonly properties = properties;
  static readonly pads = { sink: any.sink } satisfies PadTemplates;
  override start() {
    return may(this, 'start');
  }
  override stop() {
    return may(this, 'stop');
  }
  override setup() {
    return may(this, 'setup');
  }
  override event() {
    return may(this, 'event');
  }
  override drain() {
    return may(this, 'drain');
  }
  override render() {
    return may(this, 'method');
  }
}
class FailMixer extends Mixer<typeof FailMixer.properties> {
  static readonly metadata = metadata('failmixer');
  static readonly properties = properties;
  static readonly pads = { 'sink_%u': any.sink, src: { caps: 'video/x-raw' } } satisfies PadTemplates;
  override start() {
    this.setOutputCaps('video/x-raw,format=GRAY8,width=8,height=8,framerate=25/1');
    return may(this, 'start');
  }
  override stop() {
    return may(this, 'stop');
  }
  override setup() {
    return may(this, 'setup');
  }
  override event() {
    return may(this, 'event');
  }
  override aggregate() {
    return may(this, 'method') ?? { data: new Uint8Array(64) };
  }
}
class FailBin extends Bin<typeof FailBin.properties> {
  static readonly metadata = metadata('failbin');
  static readonly properties = properties;
  static readonly pads = { sink: any.sink } satisfies PadTemplates;
  override start() {
    return may(this, 'start');
  }
  override stop() {
    return may(this, 'stop');
  }
  override build(): undefined | Promise<never> {
    return may(this, 'method');
  }
  override padCaps(pad: string, _caps: unknown, bin: Bin['builder']) {
    bin.expose(pad, bin.add('fakesink sync=false'));
    return may(this, 'setup');
  }
}

for (const element of [FailSource, FailTransform, FailPipe, FailSink, FailMixer, FailBin]) register(element);

/** A line for each verb, with the failing element called `bad`. */
const lines: Record<string, (settings: string) => string> = {
  source: (s) => `failsource name=bad ${s} ! fakesink`,
  transform: (s) => `failsource ! testmark ! failtransform name=bad ${s} ! fakesink`,
  pipe: (s) => `failsource ! failpipe name=bad ${s} ! fakesink`,
  sink: (s) => `failsource ! testmark ! failsink name=bad sync=false ${s}`,
  mixer: (s) => `failsource ! testmark ! failmixer name=bad ${s} ! fakesink`,
  bin: (s) => `failsource ! failbin name=bad ${s}`,
};
const places: Record<string, readonly string[]> = {
  source: ['start', 'setup', 'method'],
  transform: ['start', 'setup', 'method', 'event', 'drain'],
  pipe: ['start', 'setup', 'method', 'drain'],
  sink: ['start', 'setup', 'method', 'event', 'drain'],
  mixer: ['start', 'setup', 'method', 'event'],
  bin: ['start', 'setup', 'method'],
};

/** Sends an event behind the first frame, for those who fail at events. */
class Mark extends Transform {
  static readonly metadata = metadata('testmark');
  static readonly pads = any;
  #sent = false;
  override transform(): void {
    if (!this.#sent) this.sendEvent('word', { text: 'x' });
    this.#sent = true;
  }
}
register(Mark);

for (const [verb, line] of Object.entries(lines)) {
  for (const place of places[verb]!) {
    for (const how of ['throw', 'reject', 'fail']) {
      t.test(`${how} in ${place} of a ${verb} is an error on the bus that names the element`, async (t) => {
        const open = native.elementCounts().calls;
        const p = Pipeline.launch(line(`at=${place} how=${how}`));
        // The source complains as well, a moment later: `once` would leave that to nobody.
        const failure = new Promise<TalkError>((resolve) => p.on('error', resolve));
        // While starting the promise of `play` has it, too.
        p.play().catch(() => undefined);
        const error = await failure;
        t.equal(error.message, `No luck in ${place}`);
        t.equal(error.code, 'resource/quota');
        t.equal(error.element, 'bad');
        t.equal(error.retryable, true);
        t.equal(error.details['left'], 7);
        t.match(error.debug, /failure\.[jt]s/, 'the stack of the author');
        await p.close();
        t.equal(native.elementCounts().calls, open, 'no call is left open');
      });
    }
    if (place === 'start' || (verb === 'bin' && place === 'method')) {
      t.test(
        `a promise of ${place} of a ${verb} that never settles is an error at the deadline`,
        async (t) => {
          native.setDeadline(30);
          t.teardown(() => native.setDeadline(10_000));
          const p = Pipeline.launch(line(`at=${place} how=never`));
          p.on('error', () => undefined);
          await t.rejects(p.play(), {
            code: 'core/state-change',
            element: 'bad',
            message: /did not finish within/,
          });
          await p.close();
        },
      );
    } else {
      t.test(
        `a promise of ${place} of a ${verb} that never settles does not keep it from stopping`,
        async (t) => {
          const p = Pipeline.launch(line(`at=${place} how=never`));
          const errors: Error[] = [];
          p.on('error', (error) => errors.push(error));
          await p.ready();
          p.play().catch(() => undefined);
          await p.stop();
          t.same(errors, []);
          await p.close();
        },
      );
    }
  }
  t.test(
    `stop of a ${verb} that never settles is an error at the deadline, and the element can be freed`,
    async (t) => {
      t.teardown(() => native.setDeadline(10_000));
      const p = Pipeline.launch(line(`at=stop how=never`));
      // The source complains as well, a moment later: `once` would leave that to nobody.
      const failure = new Promise<TalkError>((resolve) => p.on('error', resolve));
      await p.play();
      // Only now: a busy machine may take longer to make the elements.
      native.setDeadline(30);
      const stopped = p.stop();
      t.match(await failure, {
        code: 'core/state-change',
        element: 'bad',
        message: /stop\(\) did not finish/,
      });
      await stopped.catch(() => undefined);
      await p.close();
    },
  );
}

t.test('after an error the element takes no more data, and works again after NULL', async (t) => {
  const p = Pipeline.launch('failsource ! failtransform name=bad at=method ! fakesink');
  const errors: TalkError[] = [];
  p.on('error', (error) => errors.push(error));
  p.play().catch(() => undefined);
  await t.rejects(p.finished());
  await p.stop();
  t.equal(errors.filter(({ element }) => element === 'bad').length, 1, 'told once');
  p.element('bad').set('at', 'nowhere');
  await p.play();
  await p.finished();
  await p.close();
});

t.test(
  'a plain Error keeps its message and its stack, and what is thrown needs not be an Error',
  async (t) => {
    class Plain extends Transform {
      static readonly metadata = metadata('failplain');
      static readonly pads = any;
      override transform(): void {
        throw new RangeError('Too far');
      }
    }
    class Odd extends Transform {
      static readonly metadata = metadata('failodd');
      static readonly pads = any;
      override transform(): void {
        throw 'a word';
      }
    }
    for (const element of [Plain, Odd]) register(element);
    const error = async (name: string): Promise<TalkError> => {
      const p = Pipeline.launch(`failsource ! ${name} ! fakesink`);
      // The source complains as well, a moment later: `once` would leave that to nobody.
      const failure = new Promise<TalkError>((resolve) => p.on('error', resolve));
      p.play().catch(() => undefined);
      return failure.finally(() => p.close());
    };
    t.match(await error('failplain'), {
      code: 'stream/failed',
      message: 'Too far',
      debug: /RangeError: Too far\n.*at /,
    });
    t.match(await error('failodd'), { code: 'stream/failed', message: 'a word' });
  },
);
