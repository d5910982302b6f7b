/**
 * A running graph.
 *
 *     const p = Pipeline.launch('videotestsrc num-buffers=50 ! x264enc ! mp4mux ! filesink location=a.mp4');
 *     p.on('mark', ({ name, fields }) => …);
 *     await p.play();
 *     await p.finished();
 *     await p.close();
 *
 * Nothing here waits on the JS thread: what may block runs on a thread of the pipeline's own queue and is a promise.
 * Calls are carried out in the order they were made. While a pipeline is above NULL it keeps the process alive, like
 * a listening server does; `unref()` if it should not.
 */
import { EventEmitter } from 'node:events';
import type typed from 'typed-emitter';
import { TalkError } from '../element/error.js';
import type { Dispatch, RawMessage } from '../native/pipeline.js';
import { native } from '../native.js';
import { PipelineClock } from './clock.js';
import { closedError } from './core.js';
import { listenerError, parseError, reportError } from './errors.js';
import type { Latency, PipelineEvents, State } from './events.js';
import type { ElementHandle } from './handle.js';
import { eventOf, type PipelineEvent } from './messages.js';
import { PipelineCore } from './pipeline-core.js';
import { above, stateName, stateNumber } from './state.js';
import { Waits } from './waits.js';

export interface LaunchOptions {
  /** Shown in paths, logs and DOT graphs. */
  readonly name?: string;
  /** `test`: a clock that stands still until it is cranked. Default: whatever the elements provide. */
  readonly clock?: 'system' | 'test';
}

export interface SeekOptions {
  /** Playback speed; negative plays backwards. Default 1. */
  readonly rate?: number;
  /** Drop what is under way and start there at once. Default true. */
  readonly flush?: boolean;
  /** Exactly there, not at the key frame before it. Default false. */
  readonly accurate?: boolean;
  /** Where to end, ns. */
  readonly stop?: number;
  /** Post `segment-done` instead of EOS at the end. */
  readonly segment?: boolean;
}

/** Amount of detail in a DOT graph. */
export type DotDetail = 'media' | 'caps' | 'properties' | 'states' | 'all' | 'verbose';

const DOT: Record<DotDetail, number> = {
  media: 1,
  caps: 2,
  properties: 4,
  states: 8,
  all: 15,
  verbose: 0xffffffff,
};
const SEEK = { flush: 1, accurate: 2, keyUnit: 4, segment: 8 } as const;

// typed-emitter is CommonJS: under nodenext its type is the default of its namespace.
const Emitter = EventEmitter as unknown as new () => typed.default<PipelineEvents>;

/**
 * C++ refers to the function it calls weakly while nothing plays, so the pipeline has to hold it: a collection between
 * `launch` and `play` would make the bus fall silent.
 */
const dispatches = new WeakMap<Pipeline, Dispatch>();

export class Pipeline extends Emitter {
  readonly name: string;
  readonly clock: PipelineClock;
  readonly #core: PipelineCore;
  readonly #root: ElementHandle;
  readonly #waits = new Waits();
  #state: State = 'null';
  /** The state asked for last. */
  #target: State = 'null';
  #asyncDone = 0;
  #ended = false;
  /** The last error of this run, from NULL to NULL. */
  #failure: TalkError | undefined;
  /** The last error ever: a failed state change goes back to NULL, which begins a new run, before it is reported. */
  #latest: TalkError | undefined;
  /** State changes under way: their promises tell of an error. */
  #changes = 0;
  #closing: Promise<void> | undefined;

  /**
   * Parses a launch line with GStreamer's own parser. Everything that is wrong with it is thrown, in GStreamer's
   * words: `core/missing-element`, `core/link`, `core/negotiation`, `resource/settings`.
   */
  static launch(line: string, options: LaunchOptions = {}): Pipeline {
    return new Pipeline(line, options);
  }

  private constructor(line: string, { name, clock = 'system' }: LaunchOptions) {
    super();
    const dispatch: Dispatch = (kind, id, payload) =>
      kind === 'messages' ? this.#told(payload as RawMessage[], id) : this.#core.call(id, kind, payload);
    dispatches.set(this, dispatch);
    const made = native.pipelineLaunch(line, name, clock, dispatch);
    if (made.error !== undefined) throw parseError(made.error);
    this.#core = new PipelineCore(made.pipeline, {
      fail: (error) => this.#fail(error),
      warn: (warning) => this.#tell({ name: 'warning', args: [warning] }),
    });
    this.#root = this.#core.handle(native.pipelineHandle(made.pipeline)) as ElementHandle;
    this.name = this.#root.name;
    this.clock = new PipelineClock(this.#core);
  }

  /** The pipeline's state as last told by its bus. */
  get state(): State {
    return this.#state;
  }

  get closed(): boolean {
    return this.#core.closed;
  }

  /** Resolves when it plays; rejects with the first error that comes before that. */
  play(): Promise<void> {
    return this.#change('playing');
  }

  /** Resolves when every sink holds its first buffer (live sources: at once). */
  pause(): Promise<void> {
    return this.#change('paused');
  }

  /** Opens devices and files, without data. */
  ready(): Promise<void> {
    return this.#change('ready');
  }

  /** To NULL, at once, whatever is under way. It can be played again. */
  stop(): Promise<void> {
    return this.#change('null');
  }

  /** Stops and releases everything. May be called any number of times. Afterwards only `closed` and `name` answer. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Sends EOS into the sources and resolves when all sinks have rendered what was before it: a playable file. */
  async eos(): Promise<void> {
    const ended = this.finished();
    const taken = native.pipelineEos(this.#core.native()).then((done) => {
      if (!done && !this.#ended) throw new TalkError('core/failed', 'No element took the end of the stream.');
    });
    await Promise.all([ended, taken]);
  }

  /** Resolves at EOS; rejects on an error, or when it is stopped before. */
  finished(): Promise<void> {
    if (this.closed) return Promise.reject(closedError(this.name));
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#ended ? Promise.resolve() : this.#waits.until('eos');
  }

  /** Goes to `to` ns of the stream. Resolves when data from there has reached the sinks. */
  async seek(to: number, options: SeekOptions = {}): Promise<void> {
    const { rate = 1, flush = true, accurate = false, segment = false, stop } = options;
    const flags =
      (flush ? SEEK.flush : 0) | (accurate ? SEEK.accurate : SEEK.keyUnit) | (segment ? SEEK.segment : 0);
    const failure = this.#failure;
    this.#ended = false;
    const { done, async, asyncDone } = await native.pipelineSeek(this.#core.native(), rate, flags, to, stop);
    if (this.#failure !== undefined && this.#failure !== failure) throw this.#failure;
    if (!done) throw new TalkError('core/failed', `"${this.name}" cannot be played from ${to} ns.`);
    this.#checkTarget('paused');
    if (flush && async && asyncDone >= this.#asyncDone)
      await this.#waits.until(`async-done ${asyncDone + 1}`);
  }

  /** Where the sinks are in the stream, ns; undefined while unknown. */
  position(): number | undefined {
    return native.pipelinePosition(this.#core.native());
  }

  /** Length of the stream, ns; undefined while unknown and for live streams. */
  duration(): number | undefined {
    return native.pipelineDuration(this.#core.native());
  }

  /** The latency all branches agree on now; undefined while unknown. */
  latency(): Latency | undefined {
    return native.pipelineLatency(this.#core.native());
  }

  /** The clock's time at running time 0, ns. */
  get baseTime(): number | undefined {
    return native.pipelineTimes(this.#core.native()).base;
  }

  /** Time that the pipeline has been playing, ns; stands still while it is paused. */
  runningTime(): number | undefined {
    return native.pipelineTimes(this.#core.native()).running;
  }

  /** The graph in Graphviz' language. */
  dot(detail: DotDetail = 'all'): string {
    return native.pipelineDot(this.#core.native(), DOT[detail]);
  }

  /** An element by name or path (`out/mux`). Throws `resource/not-found`. */
  element(path: string): ElementHandle {
    const found = this.find(path);
    if (found !== undefined) return found;
    throw new TalkError(
      'resource/not-found',
      `There is no element "${path}" in the pipeline "${this.name}".`,
    );
  }

  /** The same, undefined when there is none. */
  find(path: string): ElementHandle | undefined {
    this.#core.native();
    return this.#root.child(path) as ElementHandle | undefined;
  }

  /** The elements of the pipeline, those inside bins too with `recurse`. */
  elements(options: { recurse?: boolean } = {}): ElementHandle[] {
    this.#core.native();
    return this.#root.children(options);
  }

  /**
   * Adds elements to the running pipeline (or to a bin of it): one element, or a launch fragment, which becomes a bin
   * with its open ends as pads. Link it, then `sync()` it.
   */
  add(fragment: string, bin?: ElementHandle): ElementHandle {
    const made = native.editAdd(this.#core.native(), bin?.raw ?? null, fragment);
    if (made.error !== undefined) throw parseError(made.error);
    return this.#core.handle(made.element) as ElementHandle;
  }

  /** Makes every change of a property anywhere in the pipeline a 'property' event. */
  watchProperties(): void {
    native.pipelineWatchProperties(this.#core.native());
  }

  /** Lets the process end, and the pipeline be collected, although it plays. */
  unref(): this {
    native.pipelineUnref(this.#core.native(), true);
    return this;
  }

  ref(): this {
    native.pipelineUnref(this.#core.native(), false);
    return this;
  }

  async #change(target: State): Promise<void> {
    const pipeline = this.#core.native();
    const latest = this.#latest;
    this.#supersede(target);
    this.#changes++;
    try {
      const { result, culprit } = await native.pipelineSetState(pipeline, stateNumber(target));
      if (target === 'null') return;
      if (this.#latest !== undefined && this.#latest !== latest) throw this.#latest;
      if (result === 'failure')
        throw new TalkError(
          'core/state-change',
          `"${culprit ?? this.name}" refused to go to ${target.toUpperCase()}.`,
        );
      this.#checkTarget(target);
      if (result === 'async' && this.#state !== target) await this.#waits.until(target);
    } finally {
      this.#changes--;
    }
  }

  /** A lower state was asked for: what waits for a higher one waits in vain. */
  #supersede(target: State): void {
    this.#target = target;
    const error = new TalkError(
      'core/state-change',
      `"${this.name}" was set to ${target.toUpperCase()} meanwhile.`,
    );
    const stops = stateNumber(target) < stateNumber('paused');
    this.#waits.reject(error, stops ? undefined : above(target));
    if (stops) this.#core.stopped();
  }

  #checkTarget(target: State): void {
    if (stateNumber(this.#target) >= stateNumber(target)) return;
    throw new TalkError(
      'core/state-change',
      `"${this.name}" was set to ${this.#target.toUpperCase()} meanwhile.`,
    );
  }

  async #close(): Promise<void> {
    this.#supersede('null');
    await this.#core.close();
    this.#state = 'null';
    this.#tell({ name: 'close', args: [] });
    this.removeAllListeners();
  }

  #told(messages: readonly RawMessage[], dropped: number): void {
    for (const message of messages) {
      if (message.type === 'error') {
        this.#fail(reportError(message));
        continue;
      }
      this.#note(message);
      const event = eventOf(message, (value) => this.#core.wrap(value));
      if (event !== undefined) this.#tell(event);
    }
    if (dropped > 0) this.#tell({ name: 'dropped', args: [dropped] });
  }

  /** What the pipeline itself wants to know of a message. */
  #note(message: RawMessage): void {
    if (message.type === 'async-done') {
      this.#asyncDone++;
      this.#waits.resolve(`async-done ${this.#asyncDone}`);
    } else if (message.type === 'eos') {
      this.#ended = true;
      this.#waits.resolve('eos');
    } else if (message.type === 'state') {
      this.#state = stateName(message.to) ?? 'null';
      if (this.#state === 'null') {
        this.#failure = undefined;
        this.#ended = false;
      }
      if (stateName(message.pending) === undefined) this.#waits.resolve(this.#state);
    }
  }

  /** An error: to the promises that wait, and to the listeners. With neither it is an uncaught exception. */
  #fail(error: TalkError): void {
    this.#failure = this.#latest = error;
    const told = this.#waits.any || this.#changes > 0;
    this.#waits.reject(error);
    if (!told || this.listenerCount('error') > 0) this.#tell({ name: 'error', args: [error] });
  }

  /** Runs the listeners. One that throws does not keep the others of the batch from hearing theirs. */
  #tell({ name, args }: PipelineEvent): void {
    try {
      this.emit(name, ...(args as Parameters<PipelineEvents[typeof name]>));
    } catch (thrown) {
      if (name === 'error')
        queueMicrotask(() => {
          throw thrown;
        });
      else this.#fail(listenerError(name, thrown));
    }
  }
}
