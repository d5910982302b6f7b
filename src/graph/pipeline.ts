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
import { setFragmentRules } from '../element/fragment.js';
import type { Dispatch, RawMessage } from '../native/pipeline.js';
import { native } from '../native.js';
import { PipelineClock } from './clock.js';
import { asked } from './core.js';
import { listenerError, parseError, reportError } from './errors.js';
import type { Latency, PipelineEvents, State } from './events.js';
import type { ElementHandle } from './handle.js';
import { guardLaunch } from './launch-guard.js';
import { checkValues } from './launch-values.js';
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
  /** The first error of this run, which begins when it leaves NULL. */
  #failure: TalkError | undefined;
  /** Errors heard by the state changes under way: their promises tell of them. */
  readonly #hearing = new Set<TalkError[]>();
  #closing: Promise<void> | undefined;
  /**
   * What C++ calls. It refers to it weakly while nothing plays, so that a forgotten pipeline can be collected; without
   * this field the function alone would be, and the bus fall silent.
   */
  readonly #dispatch: Dispatch = (kind, id, payload) =>
    kind === 'messages' ? this.#told(payload as RawMessage[], id) : this.#core.call(id, kind, payload);

  /**
   * Parses a launch line with GStreamer's own parser. Everything that is wrong with it is thrown, in GStreamer's
   * words: `core/missing-element`, `core/link`, `core/negotiation`, `resource/settings`. So is a value out of its
   * property's range, which GStreamer would only warn about on stderr.
   */
  static launch(line: string, options: LaunchOptions = {}): Pipeline {
    return new Pipeline(line, options);
  }

  private constructor(line: string, { name, clock = 'system' }: LaunchOptions) {
    super();
    setFragmentRules({ check: checkFragment, refused: parseError });
    const safe = guardLaunch(line);
    checkValues(line);
    const made = native.pipelineLaunch(safe, name, clock, this.#dispatch);
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

  /**
   * Sends EOS into the sources and resolves when all sinks have rendered what was before it: a playable file. Rejects
   * when the pipeline is stopped before that, or no element takes the event.
   */
  async eos(): Promise<void> {
    const ended = this.finished();
    const taken = asked(native.pipelineEos(this.#core.native())).then((done) => {
      if (!done && !this.#ended) throw new TalkError('core/failed', 'No element took the end of the stream.');
    });
    const [outcome] = await Promise.all([ended, taken]);
    if (outcome === 'stopped') throw superseded(this.name, this.#target);
  }

  /**
   * Resolves when it is over: at EOS, or because it was stopped or closed. Rejects on an error. At EOS all that went
   * before it has been heard: samples of `onSamples`, and signals.
   */
  finished(): Promise<'eos' | 'stopped'> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve('eos');
    return this.closed
      ? Promise.resolve('stopped')
      : (this.#waits.until('eos') as Promise<'eos' | 'stopped'>);
  }

  /** Goes to `to` ns of the stream. Resolves when data from there has reached the sinks. */
  async seek(to: number, options: SeekOptions = {}): Promise<void> {
    const { rate = 1, flush = true, accurate = false, segment = false, stop } = options;
    const flags =
      (flush ? SEEK.flush : 0) | (accurate ? SEEK.accurate : SEEK.keyUnit) | (segment ? SEEK.segment : 0);
    this.#ended = false;
    const { done, async, asyncDone } = await asked(
      native.pipelineSeek(this.#core.native(), rate, flags, to, stop),
    );
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
    checkFragment(fragment);
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
    const fresh = this.#state === 'null' || this.#target === 'null';
    if (fresh && target !== 'null') {
      this.#failure = undefined;
      this.#ended = false;
    }
    this.#supersede(target);
    const errors: TalkError[] = [];
    this.#hearing.add(errors);
    try {
      const { result, culprit } = await asked(native.pipelineSetState(pipeline, stateNumber(target)));
      if (target === 'null') return;
      if (errors[0] !== undefined) throw errors[0];
      if (result === 'failure') throw refused(culprit ?? this.name, target);
      this.#checkTarget(target);
      if (result !== 'async' || this.#reached(target)) return;
      await this.#waits.until(target);
      // Told in one batch, the state and an error behind it both come before anybody who waits goes on.
      if (errors[0] !== undefined) throw errors[0];
    } finally {
      this.#hearing.delete(errors);
    }
  }

  /** A lower state was asked for: what waits for a higher one waits in vain. */
  #supersede(target: State): void {
    this.#target = target;
    const error = superseded(this.name, target);
    if (stateNumber(target) < stateNumber('paused')) {
      this.#waits.resolve('eos', 'stopped');
      this.#waits.reject(error);
      this.#core.stopped();
    } else {
      this.#waits.reject(error, above(target));
    }
  }

  /** True when it is there, or went through it on the way to something higher. */
  #reached(target: State): boolean {
    const higher = stateNumber(this.#target) > stateNumber(target);
    return this.#state === target || (higher && stateNumber(this.#state) > stateNumber(target));
  }

  #checkTarget(target: State): void {
    if (stateNumber(this.#target) >= stateNumber(target)) return;
    throw superseded(this.name, this.#target);
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
      // Passing upwards through a state is reaching it.
      if (message.to > message.from || stateName(message.pending) === undefined)
        this.#waits.resolve(this.#state);
    }
  }

  /**
   * An error: to the promises that wait, and to the listeners. With neither it is an uncaught exception, if it is the
   * first of this run: what comes after is its consequence (the source behind a failed element fails too).
   */
  #fail(error: TalkError): void {
    const first = this.#failure === undefined;
    this.#failure ??= error;
    for (const errors of this.#hearing) errors.push(error);
    const told = this.#waits.any || this.#hearing.size > 0;
    this.#waits.reject(error);
    if (this.listenerCount('error') > 0 || (first && !told)) this.#tell({ name: 'error', args: [error] });
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

/** What is added to a pipeline, or to a bin by its author. It becomes a bin by itself and needs no other brackets. */
function checkFragment(fragment: string): void {
  guardLaunch(fragment);
  checkValues(fragment);
}

function refused(who: string, target: State): TalkError {
  return new TalkError('core/state-change', `"${who}" refused to go to ${target.toUpperCase()}.`, {
    element: who,
  });
}

function superseded(name: string, target: State): TalkError {
  return new TalkError('core/state-change', `"${name}" was set to ${target.toUpperCase()} meanwhile.`);
}
