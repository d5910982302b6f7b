/** One element of every verb for soaks: they make, pass on and take small frames, and can be told to hang or to throw. */
import {
  type Item,
  type Metadata,
  Mixer,
  type Output,
  type PadFrames,
  type PadTemplates,
  Pipe,
  type PipeInput,
  type Properties,
  register,
  Sink,
  Source,
  type TimedFrame,
  Transform,
} from '../../../src/element/index.js';

const FRAMES = 25;
const caps = `video/x-raw,format=GRAY8,width=64,height=64,framerate=${FRAMES}/1`;
const any = 'video/x-raw,format=GRAY8';

const metadata = (name: string, klass: string): Metadata => ({
  name,
  longName: name,
  klass,
  description: 'Of a soak',
  author: 'talkgraph',
});

/** What an element does with its frame number `after`. */
const trouble = {
  what: {
    type: 'enum',
    values: ['nothing', 'tell', 'hang', 'throw', 'reject', 'start'],
    default: 'nothing',
    blurb: 'Trouble to make: only tell, tell and hang for ever, throw, reject, or refuse to start',
  },
  after: { type: 'uint', default: 3, min: 0, max: 1000, blurb: 'With which frame' },
} as const satisfies Properties;

type Trouble = { readonly what: string; readonly after: number };

/** Elements that got there tell it here, by the name of their pipeline. */
export const told = new Map<string, () => void>();

/** Makes the trouble that is due; undefined when none is. */
function make({ what, after }: Trouble, n: number, path: string): Promise<never> | undefined {
  if (n !== after) return undefined;
  if (what === 'throw') throw new Error('as asked');
  if (what === 'reject') return Promise.reject(new Error('as asked'));
  if (what === 'hang' || what === 'tell') told.get(path.split('/')[1]?.replace(/^.*:/, '') ?? '')?.();
  return what === 'hang' ? new Promise(() => undefined) : undefined;
}

function refuse({ what }: Trouble): void {
  if (what === 'start') throw new Error('as asked');
}

export class SoakSource extends Source<typeof SoakSource.properties> {
  static readonly metadata = metadata('soaksource', 'Source/Video');
  static readonly properties = {
    ...trouble,
    count: { type: 'uint', default: 1000, min: 0, max: 100000, blurb: 'Frames until the end' },
    'is-live': { type: 'bool', default: false, blurb: 'Keep to the clock' },
  } as const satisfies Properties;
  static readonly pads = { src: { caps: any } } satisfies PadTemplates;
  #n = 0;

  override start(): void {
    refuse(this.props);
    this.setOutputCaps(caps);
  }

  override create(): TimedFrame | null | Promise<never> {
    const n = this.#n++;
    if (n >= this.props.count) return null;
    const made = make(this.props, n, this.path);
    if (made !== undefined) return made;
    const pts = n * 40e6;
    return { data: this.alloc(64 * 64), pts, duration: 40e6, ...(this.props['is-live'] && { at: pts }) };
  }
}

export class SoakTransform extends Transform<typeof SoakTransform.properties> {
  static readonly metadata = metadata('soaktransform', 'Filter/Video');
  static readonly properties = trouble;
  static readonly pads = { sink: { caps: any }, src: { caps: any } } satisfies PadTemplates;
  #n = 0;

  override start(): void {
    refuse(this.props);
  }

  override transform(): void | Promise<void> {
    return make(this.props, this.#n++, this.path);
  }
}

export class SoakPipe extends Pipe<typeof SoakPipe.properties> {
  static readonly metadata = metadata('soakpipe', 'Filter/Video');
  static readonly properties = trouble;
  static readonly pads = { sink: { caps: any }, src: { caps: any } } satisfies PadTemplates;

  override start(): void {
    refuse(this.props);
  }

  override async *run(input: PipeInput): AsyncIterable<Item> {
    let n = 0;
    for await (const item of input) {
      if (!('event' in item)) await make(this.props, n++, this.path);
      yield item;
    }
  }
}

export class SoakMixer extends Mixer<typeof SoakMixer.properties> {
  static readonly metadata = metadata('soakmixer', 'Filter/Video');
  static readonly properties = trouble;
  static readonly pads = {
    'sink_%u': { direction: 'sink', caps: any },
    src: { caps: any },
  } satisfies PadTemplates;

  override start(): void {
    refuse(this.props);
    this.setOutputCaps(caps);
  }

  override aggregate(pads: PadFrames, { n }: Output): TimedFrame | Promise<never> {
    const made = make(this.props, n, this.path);
    if (made !== undefined) return made;
    const data = this.alloc(64 * 64);
    for (const frame of Object.values(pads)) if (frame !== undefined) data.set(frame.data);
    return { data };
  }
}

export class SoakSink extends Sink<typeof SoakSink.properties> {
  static readonly metadata = metadata('soaksink', 'Sink/Video');
  static readonly properties = trouble;
  static readonly pads = { sink: { caps: any } } satisfies PadTemplates;
  static override readonly sync = false;
  #n = 0;

  override start(): void {
    refuse(this.props);
  }

  override render(): void | Promise<void> {
    return make(this.props, this.#n++, this.path);
  }
}

export function registerSoak(): void {
  for (const element of [SoakSource, SoakTransform, SoakPipe, SoakMixer, SoakSink]) register(element);
}
