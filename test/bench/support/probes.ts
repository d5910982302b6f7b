/** Elements of the benches: a transform and a sink that do nothing but tell. */
import {
  type Frame,
  type Metadata,
  type PadTemplates,
  type Properties,
  register,
  Sink,
  Transform,
} from '../../../src/element/index.js';

const author = 'talkgraph';

class Hop extends Transform {
  static readonly metadata = {
    name: 'benchhop',
    longName: 'Bench hop',
    klass: 'Filter/Bench',
    description: 'Goes through TypeScript and does nothing',
    author,
  } satisfies Metadata;
  static readonly pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;

  override transform(_frame: Frame): void {}
}

/** Gets each frame with the time it came; the data is only valid during the call. */
export type Watcher = (frame: Frame, at: number) => void;

const watchers = new Map<string, Watcher>();
let last = 0;

/** Names a watcher for `watch=` of `benchtap` or `benchsink`. */
export function watch(watcher: Watcher): string {
  const name = `w${++last}`;
  watchers.set(name, watcher);
  return name;
}

const properties = {
  watch: { type: 'string', default: '', blurb: 'Name of the watcher' },
} as const satisfies Properties;

class Tap extends Transform<typeof properties> {
  static readonly metadata = {
    name: 'benchtap',
    longName: 'Bench tap',
    klass: 'Filter/Bench',
    description: 'Shows what passes',
    author,
  } satisfies Metadata;
  static readonly properties = properties;
  static readonly pads = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;
  static override readonly epoch = 'manual';

  override transform(frame: Frame): void {
    watchers.get(this.props.watch)?.(frame, performance.now());
  }
}

class Watch extends Sink<typeof properties> {
  static readonly metadata = {
    name: 'benchsink',
    longName: 'Bench sink',
    klass: 'Sink/Bench',
    description: 'Shows what arrives, when it is due',
    author,
  } satisfies Metadata;
  static readonly properties = properties;
  static readonly pads = { sink: { caps: 'ANY' } } satisfies PadTemplates;
  static override readonly epoch = 'manual';

  override render(frame: Frame): void {
    watchers.get(this.props.watch)?.(frame, performance.now());
  }
}

/** Makes `benchhop`, `benchtap` and `benchsink` known. */
export function registerProbes(): void {
  register(Hop);
  register(Tap);
  register(Watch);
}
