/** Elements of the tests: a source that plays a script and a sink that writes everything down. */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import {
  type EventItem,
  type Fields,
  type Frame,
  type Metadata,
  type PadTemplates,
  type Properties,
  register,
  Sink,
  Source,
  type TimedFrame,
} from '../../src/element/index.js';

/** What a script may hold: frames, events, or a moment to wait for. */
export type Line = TimedFrame | EventItem | (() => Promise<void>);

/** What the sink saw, in order. */
export type Seen =
  | { kind: 'frame'; frame: Omit<Frame, 'data'> & { data: Uint8Array } }
  | { kind: 'event'; name: string; fields: Fields };

const scripts = new Map<string, Iterable<Line>>();
const records = new Map<string, Seen[]>();
let last = 0;

/** Makes a script available; returns the name to put into `script=`. */
export function script(lines: Iterable<Line>): string {
  const name = `s${++last}`;
  scripts.set(name, [...lines]);
  return name;
}

/** The same of lines that are made when it is their turn: they may depend on what came of those before. */
export function scriptOf(lines: () => Iterable<Line>): string {
  const name = `s${++last}`;
  scripts.set(name, { [Symbol.iterator]: () => lines()[Symbol.iterator]() });
  return name;
}

/** A new record; returns its name for `record=` and the list that fills. */
export function record(): { name: string; seen: Seen[] } {
  const name = `r${++last}`;
  const seen: Seen[] = [];
  records.set(name, seen);
  return { name, seen };
}

class ScriptSrc extends Source<typeof ScriptSrc.properties> {
  static readonly metadata = {
    name: 'scriptsrc',
    longName: 'Script',
    klass: 'Source/Test',
    description: 'Plays a list of frames and events',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly properties = {
    script: { type: 'string', default: '', blurb: 'Name of the script' },
    caps: { type: 'string', default: '', blurb: 'Caps of the frames' },
    'is-live': { type: 'bool', default: false, blurb: 'Behave as a live source' },
  } as const satisfies Properties;
  static readonly pads = { src: { caps: 'ANY' } } satisfies PadTemplates;

  #lines: Iterator<Line> = [][Symbol.iterator]();

  override start(): void {
    this.#lines = (scripts.get(this.props.script) ?? [])[Symbol.iterator]();
    this.setOutputCaps(this.props.caps);
  }

  override async create(): Promise<TimedFrame | (TimedFrame | EventItem)[] | null> {
    for (;;) {
      const { done, value: line } = this.#lines.next();
      if (done === true) return null;
      if (typeof line !== 'function') return [line];
      await line();
    }
  }
}

class RecordSink extends Sink<typeof RecordSink.properties> {
  static readonly metadata = {
    name: 'recsink',
    longName: 'Record',
    klass: 'Sink/Test',
    description: 'Writes down what comes',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly properties = {
    record: { type: 'string', default: '', blurb: 'Name of the record' },
  } as const satisfies Properties;
  static readonly pads = { sink: { caps: 'ANY' } } satisfies PadTemplates;
  static override readonly sync = false;

  override render(frame: Frame): void {
    const { pts, duration, gap, discont, metas } = frame;
    records.get(this.props.record)?.push({
      kind: 'frame',
      frame: { data: frame.data.slice(), pts, duration, gap, discont, metas },
    });
  }

  override event({ name, fields }: { name: string; fields: Fields }): void {
    records.get(this.props.record)?.push({ kind: 'event', name, fields });
  }
}

/** Makes `scriptsrc` and `recsink` known. */
export function registerRig(): void {
  register(ScriptSrc);
  register(RecordSink);
}

/** The frames of a record. */
export function framesOf(seen: readonly Seen[]): (Omit<Frame, 'data'> & { data: Uint8Array })[] {
  return seen.flatMap((entry) => (entry.kind === 'frame' ? [entry.frame] : []));
}

/** Turns of the event loop in which most comes that is waited for. */
const SOON = 200;

/**
 * Resolves when `condition` holds; looked at whenever the event loop turns, and every millisecond when that takes long: what
 * is waited for needs the core on which this would turn.
 */
export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) await (turns < SOON ? turn() : pause(1));
}

/** A promise and what resolves it. */
export function gate(): { open: () => void; wait: () => Promise<void> } {
  let open = () => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, wait: () => promise };
}

/** 16-bit samples as a frame that begins at sample `at` of `rate`. */
export function audio(
  samples: Int16Array,
  at: number,
  rate = 16_000,
  more: Partial<TimedFrame> = {},
): TimedFrame {
  return {
    data: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength).slice(),
    pts: Math.round((at * 1e9) / rate),
    duration: Math.round((samples.length * 1e9) / rate),
    ...more,
  };
}

/** An in-band event for a script. */
export function mark(name: string, fields: Fields = {}): EventItem {
  return { event: true, name: `talkgraph/${name}`, fields };
}
