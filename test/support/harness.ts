/**
 * A bench for one element: frames and events in by hand, frames and events out one by one, time cranked.
 *
 *     const h = await harness('dcblock cutoff=20', { caps: 'audio/x-raw,format=F32LE,rate=8800,channels=1' });
 *     await h.push({ data, pts: 0, duration: 1e9 });
 *     const out = await h.pull();
 *     await h.end();
 *     const rest = await h.rest();
 *     await h.close();
 *
 * What stands around the element are two TypeScript elements: a queue-fed source per sink pad and a sink that keeps
 * copies of everything. An error on the bus rejects whatever waits.
 */
import {
  type Element,
  type ElementEvent,
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
import { classOf, objectOf } from '../../src/element/runtime.js';
import type { ElementHandle } from '../../src/graph/handle.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { native } from '../../src/native.js';
import { asleep } from './asleep.js';

class HarnessSource extends Source<typeof HarnessSource.properties> {
  static readonly metadata = {
    name: 'harnesssource',
    longName: 'Harness source',
    klass: 'Source',
    description: 'Pushes what a test gives it',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly properties = {
    caps: { type: 'string', default: '', blurb: 'Caps of what is pushed' },
    'is-live': { type: 'bool', default: false, blurb: 'Whether it behaves as a live source' },
  } as const satisfies Properties;
  static readonly pads = { src: { caps: 'ANY' } } satisfies PadTemplates;
  readonly upstream: ElementEvent[] = [];
  /** Resolves when it takes frames. */
  readonly started: Promise<void>;
  #begin!: () => void;

  constructor() {
    super();
    this.started = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  override start(): void {
    if (this.props.caps !== '') this.setOutputCaps(this.props.caps);
    this.#begin();
  }

  override event(event: ElementEvent): void {
    this.upstream.push(event);
  }
}

/** Turns of the event loop, of some microseconds, in which what was taken has arrived where the machine is not busy. */
const ARRIVES = 400;

class HarnessSink extends Sink {
  static readonly metadata = {
    name: 'harnesssink',
    longName: 'Harness sink',
    klass: 'Sink',
    description: 'Keeps what it gets for a test',
    author: 'talkgraph',
  } satisfies Metadata;
  static readonly pads = { sink: { caps: 'ANY' } } satisfies PadTemplates;
  static override readonly sync = false;
  static override readonly epoch = 'manual';
  readonly got: Output[] = [];
  caps = '';
  #waiting: (() => void)[] = [];

  override setup(caps: { text: string }): void {
    this.caps = caps.text;
  }

  override event({ name, fields, oob }: ElementEvent): void {
    this.#keep({ event: true, name, fields, oob });
  }

  override render(frame: Frame): void {
    const { pts, dts, duration, offset, gap, discont, header, delta, metas } = frame;
    const planes = frame.planes?.map((plane) => ({ ...plane, data: plane.data.slice() }));
    this.#keep({
      data: frame.data.slice(),
      ...{ pts, dts, duration, offset, gap, discont, header, delta, metas, planes },
    });
  }

  override drain(): void {
    this.#keep(undefined);
  }

  #keep(item: Output): void {
    this.got.push(item);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** What comes out: a copy of a frame, an event, or undefined at the end of the stream. */
export type Output = Frame | OutEvent | undefined;
export type OutEvent = EventItem & { readonly oob: boolean };

export interface HarnessOptions {
  /** Caps of the input; with several inputs use `inputs`. */
  readonly caps?: string;
  /** Caps by sink pad. `{}` for a source. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** The inputs behave as live sources: nothing flows before `play`, and there is latency. */
  readonly live?: boolean;
  /** The harness' own sink waits for the clock (and so takes part in latency). */
  readonly sync?: boolean;
  /** More of a launch line behind the element, before the harness' own sink. */
  readonly after?: string;
  /** Do not go to PLAYING yet. */
  readonly paused?: boolean;
}

export const isEvent = (item: Frame | OutEvent): item is OutEvent => 'event' in item;

/** The element on the bench. */
export class Harness {
  readonly pipeline: Pipeline;
  readonly element: ElementHandle;
  /** Errors that the bus has told. */
  readonly errors: Error[] = [];
  readonly marks: { readonly name: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  #failed!: (error: Error) => void;
  readonly #failure = new Promise<never>((_, reject) => {
    this.#failed = reject;
  });

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
    this.element = pipeline.element('subject');
    this.#failure.catch(() => undefined);
    pipeline.on('error', (error) => {
      this.errors.push(error);
      this.#failed(error);
    });
    pipeline.on('mark', (mark) => this.marks.push(mark));
  }

  /** The author's object of the element. */
  get object(): Element {
    return this.#objectOf('subject');
  }

  get clock(): Pipeline['clock'] {
    return this.pipeline.clock;
  }

  #objectOf(name: string): Element {
    const object = objectOf(native.elementId(this.pipeline.element(name).raw));
    if (object === undefined) throw new Error(`${name} has no object yet`);
    return object;
  }

  input(pad = 'sink'): HarnessSource {
    return this.#objectOf(`in-${pad}`) as unknown as HarnessSource;
  }

  get #sink(): HarnessSink {
    return this.#objectOf('out') as unknown as HarnessSink;
  }

  /** Caps of the output, as text. */
  get outputCaps(): string {
    return this.#sink.caps;
  }

  /** Custom events that went up out of the element. */
  upstream(pad = 'sink'): readonly ElementEvent[] {
    return this.input(pad).upstream;
  }

  /** Gives a frame; resolves when the input queue has room for the next. */
  async push(frame: TimedFrame, pad = 'sink'): Promise<void> {
    await Promise.race([this.input(pad).push(frame), this.#failure]);
    // Taken is not arrived: the streaming thread has the rest of the way to go, and a test may crank the clock next. It has gone it when
    // it sleeps: for want of more, or before what does not take the frame now.
    for (let turns = 0; turns < ARRIVES || !asleep(`in-${pad}:src`); turns++) await new Promise(setImmediate);
  }

  /** Sends an event behind what was pushed; `oob` ahead of it; `up` from behind the element. */
  event(
    name: string,
    fields: Fields = {},
    { pad = 'sink', oob = false, sticky = false, up = false } = {},
  ): void {
    if (up) this.#sink.sendEvent(name, fields, { direction: 'up' });
    else this.input(pad).sendEvent(name, fields, { oob, sticky });
  }

  /** Ends the stream of every input (or of one). */
  end(pad?: string): void {
    for (const { name } of this.pipeline.elements()) {
      if (name.startsWith('in-') && (pad === undefined || name === `in-${pad}`))
        this.input(name.slice(3)).end();
    }
  }

  /** The next frame or event; undefined at the end of the stream. */
  async next(): Promise<Output> {
    const sink = this.#sink;
    while (sink.got.length === 0) await Promise.race([sink.more(), this.#failure]);
    return sink.got.shift();
  }

  /** The next frame, skipping events; throws at the end of the stream. */
  async pull(): Promise<Frame> {
    for (;;) {
      const item = await this.next();
      if (item === undefined) throw new Error('the stream has ended');
      if (!isEvent(item)) return item;
    }
  }

  /** Everything up to the end of the stream. */
  async rest(): Promise<{ frames: Frame[]; events: OutEvent[] }> {
    const frames: Frame[] = [];
    const events: OutEvent[] = [];
    for (;;) {
      const item = await this.next();
      if (item === undefined) return { frames, events };
      if (isEvent(item)) events.push(item);
      else frames.push(item);
    }
  }

  /** What has come out so far and was not pulled. */
  get waiting(): readonly Output[] {
    return this.#sink.got;
  }

  /** Rejects with the first error of the bus. */
  failure(): Promise<never> {
    return this.#failure;
  }

  close(): Promise<void> {
    return this.pipeline.close();
  }
}

/** True when the element of a launch line has a src pad; stock elements are taken to have one. */
function hasSource(line: string): boolean {
  const pads = (classOf(line.trim().split(/\s/)[0] ?? '') as { pads?: PadTemplates } | undefined)?.pads;
  if (pads === undefined) return true;
  return Object.entries(pads).some(
    ([name, pad]) => (pad.direction ?? (name.startsWith('src') ? 'src' : 'sink')) === 'src',
  );
}

/** Puts an element (`'dcblock cutoff=20'`) on the bench and starts it, on a test clock that stands at 0. */
export async function harness(line: string, options: HarnessOptions = {}): Promise<Harness> {
  register(HarnessSource);
  register(HarnessSink);
  const live = options.live ?? false;
  const inputs = options.inputs ?? { sink: options.caps ?? '' };
  const sources = Object.entries(inputs).map(
    ([pad, caps]) => `harnesssource name="in-${pad}" is-live=${live} caps="${caps}" ! subject.${pad}`,
  );
  const behind = options.after === undefined ? '' : `${options.after} ! `;
  const text = `${line} name=subject ${hasSource(line) ? `! ${behind}harnesssink name=out async=false sync=${options.sync ?? false}` : ''} ${sources.join(' ')}`;
  const h = new Harness(Pipeline.launch(text, { clock: 'test' }));
  try {
    await h.pipeline.ready();
    const running = options.paused === true ? h.pipeline.pause() : h.pipeline.play();
    const names = Object.keys(inputs);
    // The harness' own sink does not preroll; an element that is a sink itself does, so it cannot be waited for.
    if (hasSource(line)) await running;
    else running.catch(() => undefined);
    await Promise.race([Promise.all(names.map((pad) => h.input(pad).started)), h.failure()]);
  } catch (error) {
    await h.close();
    throw error;
  }
  return h;
}
