/** An element of each verb that fails where and how its properties say, and a line for each. */
import {
  Bin,
  type Created,
  type Item,
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
import { any, metadata } from './declared.js';

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

type Props = { readonly at: string; readonly how: string };
interface Failing {
  readonly props: Props;
  fail(error: TalkError): void;
}

/** How often something began that never settles. */
export const hanging = { count: 0 };

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
  if (how === 'never') {
    hanging.count++;
    return new Promise(() => undefined);
  }
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
export const lines: Record<string, (settings: string) => string> = {
  source: (s) => `failsource name=bad ${s} ! fakesink`,
  transform: (s) => `failsource ! testmark ! failtransform name=bad ${s} ! fakesink`,
  pipe: (s) => `failsource ! failpipe name=bad ${s} ! fakesink`,
  sink: (s) => `failsource ! testmark ! failsink name=bad sync=false ${s}`,
  mixer: (s) => `failsource ! testmark ! failmixer name=bad ${s} ! fakesink`,
  bin: (s) => `failsource ! failbin name=bad ${s}`,
};
/** Where each can fail. */
export const places: Record<string, readonly string[]> = {
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
