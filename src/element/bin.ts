import type { NativeHandle } from '../native/pipeline.js';
import { native } from '../native.js';
import { type Caps, Element, type ElementHooks } from './element.js';
import { TalkError } from './error.js';
import { fragmentRules } from './fragment.js';
import type { Fields } from './frame.js';
import { LINK } from './link.js';
import type { Checked, Properties } from './properties.js';
import { objectOf } from './runtime.js';
import { openTap, type PacketListener } from './tap.js';
import type { Ns } from './time.js';

/** An ordinary element (or a fragment of several) inside a bin. */
export class Part {
  /** For native calls of handles. */
  readonly raw: NativeHandle;

  constructor(raw: NativeHandle) {
    this.raw = raw;
  }

  /** The value of a property. */
  get(property: string): unknown {
    return this.#checked(native.objectGet(this.raw, property), property).value;
  }

  /** Sets a property; texts are read as a launch line reads them where the property is no string. */
  set(property: string, value: unknown): this {
    this.#checked(native.objectSet(this.raw, property, value), property);
    return this;
  }

  /** True when what these caps describe may enter by its pad `sink`, as it is; a device answers by what it can do. */
  takes(caps: string): boolean {
    return native.partTakes(this.raw, caps, false);
  }

  /** True when there is something that these caps describe and that may enter. */
  takesSome(caps: string): boolean {
    return native.partTakes(this.raw, caps, true);
  }

  /** Emits an action signal. */
  emit(signal: string, ...args: unknown[]): unknown {
    const result = native.signalEmit(this.raw, signal, args);
    if (result.status !== 'ok')
      throw new TypeError(`the signal ${signal} cannot be emitted: ${result.status}`);
    return result.value;
  }

  /** An element inside this one by name, when this is a fragment. */
  child(name: string): Part {
    const child = native.objectChild(this.raw, name);
    if (child === null) throw new TypeError(`there is no element "${name}" in it`);
    return new Part(child);
  }

  /** Links to another part, as `!` does; `from` and `to` name pads. */
  link(other: Part, { from, to, caps }: { from?: string; to?: string; caps?: string } = {}): Part {
    const result = native.elementLink(this.raw, other.raw, from, to, caps);
    if (result !== true) throw new TalkError('core/link', result);
    return other;
  }

  /**
   * Listens to an appsink; returns what ends it. At most `limit` packets (default 1024) wait for JS, then the oldest is
   * dropped. A listener that throws is an uncaught exception: catch what can go wrong and `fail`.
   */
  onPackets(listener: PacketListener, { limit = 1024 }: { limit?: number } = {}): () => void {
    return openTap(this.raw, listener, limit);
  }

  /**
   * Puts a copy of some bytes into an appsrc, as one buffer. Never waits: what may queue up is for the properties of the
   * appsrc to say (`max-buffers=64 leaky-type=downstream`).
   * @returns false when it takes nothing, because it stops or has ended
   */
  feed(data: Uint8Array): boolean {
    const result = native.feedPush(this.raw, data);
    if (result?.expected !== undefined) throw new TypeError(`Expected ${result.expected} for data`);
    return result?.flow === 'ok';
  }

  /** Asks the encoder for a key frame now. */
  forceKeyFrame(): void {
    native.partKeyFrame(this.raw);
  }

  /** Starts a part that was added while the bin runs, with all that was added beside it, and links this one to it. Later, off the JS thread. */
  join(added: Part): void {
    native.partJoin(this.raw, added.raw);
  }

  /**
   * May fail without taking the bin with it: what it posts as an error, also where it does not start, the bin gets as the message
   * `part-failed {part, message, debug}` and nobody else does; from then on what comes to it is dropped. Before it starts.
   */
  guard(): this {
    if (!native.partGuard(this.raw)) throw new TypeError('there is no pad "sink"');
    return this;
  }

  /** Puts a part that was just added in the place of this one between two buffers, and drops this one. Later, off the JS thread. */
  replaceBy(added: Part): void {
    native.partReplace(this.raw, added.raw);
  }

  /** Shifts what passes a pad by this much running time, ns; negative is earlier. Before data flows. */
  shift(pad: string, offset: Ns): this {
    if (!native.partOffset(this.raw, pad, offset)) throw new TypeError(`there is no pad "${pad}"`);
    return this;
  }

  /** The author's object, when this is an element written in TypeScript. */
  get instance(): Element | undefined {
    return objectOf(native.elementId(this.raw));
  }

  #checked<R extends { status: string; expected?: string }>(result: R, property: string): R {
    if (result.status === 'ok') return result;
    throw new TypeError(
      result.status === 'expected'
        ? `Expected ${result.expected} for ${property}`
        : `the property ${property} is ${result.status}`,
    );
  }
}

/** What `build` and `padCaps` build with. */
export class Builder {
  readonly #id: number;

  constructor(id: number) {
    this.#id = id;
  }

  /**
   * One element or a launch fragment; a fragment's open ends become its pads. Runs as soon as the bin does. Throws what
   * `Pipeline.launch` throws for such a line, a value out of its property's range included.
   */
  add(fragment: string, name?: string): Part {
    const rules = fragmentRules();
    rules.check(fragment);
    const made = native.binAdd(this.#id, fragment, name);
    if (made.error !== undefined) throw rules.refused(made.error);
    return new Part(made.element);
  }

  /** The stock element of a name that one of ours has taken (`v4l2sink` inside `v4l2sink`). */
  stock(factory: string, name?: string): Part {
    const made = native.binAddStock(this.#id, factory, name);
    if (made !== null) return new Part(made);
    throw new TalkError(
      'core/missing-element',
      `GStreamer’s own ${factory} is not installed here; talkgraph doctor says which package brings it.`,
      { details: { missing: [factory] } },
    );
  }

  /** A part that has the properties which the element has from its `stock`; of several the first one answers. */
  lend(part: Part): void {
    native.binLend(this.#id, part.raw);
  }

  /** Puts a part's pad behind a pad of the bin; without a name any free pad of it that fits. */
  expose(pad: string, part: Part, partPad = ''): void {
    const problem = native.binTarget(this.#id, pad, part.raw, partPad);
    if (problem !== undefined) throw new TalkError('core/link', `pad ${pad}: ${problem}`);
  }

  /** Names of the bin's pads, those asked for included. */
  get pads(): string[] {
    return native.padNames(this.#id);
  }
}

/**
 * Verb `bin`: ordinary elements behind pads of its own. `build` is called on the way to READY, when all properties are
 * known; `padCaps` when the caps of a sink pad are, for pads that take more than one kind of media.
 */
export abstract class Bin<P extends Checked<P> = Properties> extends Element<P> implements ElementHooks {
  static readonly verb = 'bin';

  /** Makes what is inside. Called afresh each time the element leaves NULL. */
  abstract build(bin: Builder): void | Promise<void>;
  /** Caps have reached a sink pad and wait until this is done: add what they need. */
  padCaps?(pad: string, caps: Caps, bin: Builder): void | Promise<void>;
  /** A pad was asked for (or given back) while the element was running. */
  padAdded?(pad: string, bin: Builder): void | Promise<void>;
  padRemoved?(pad: string, bin: Builder): void | Promise<void>;
  /**
   * A part has posted an element message; the application hears it, too. Told in order, later than on the bus. `part-failed` is of a
   * part that was guarded, and for the bin alone.
   */
  message?(name: string, fields: Fields): void | Promise<void>;
  start?(): void | Promise<void>;
  /** Called once for each `build`, also where the element was stopped before it started. */
  stop?(): void | Promise<void>;
  propertyChanged?(name: string): void;
  event?(...args: Parameters<NonNullable<ElementHooks['event']>>): unknown;

  /** What to build with later than `build`. */
  get builder(): Builder {
    return new Builder(this[LINK].id);
  }
}
