/** An element of a pipeline, as an application holds it. */
import type { Element } from '../element/element.js';
import { TalkError } from '../element/error.js';
import { objectOf } from '../element/runtime.js';
import type { NativeHandle, RawInfo } from '../native/pipeline.js';
import { native } from '../native.js';
import { asked, type Core, goneError } from './core.js';
import { type EventOptions, sendEvent } from './custom-event.js';
import type { State } from './events.js';
import { ObjectHandle } from './object.js';
import { PadHandle } from './pad.js';
import { Feed, onSamples, type SampleListener, type SampleOptions } from './samples.js';
import { STATES } from './state.js';

export interface LinkOptions {
  /** Pad of this element; default: whichever is free and fits. */
  readonly from?: string;
  /** Pad of the other element. */
  readonly to?: string;
  /** Only what these caps allow may flow. */
  readonly caps?: string;
}

export class ElementHandle extends ObjectHandle {
  /** Name of the factory that made it, as `queue`; undefined for a bin made of a launch fragment. */
  readonly factory?: string;

  constructor(core: Core, raw: NativeHandle, info: RawInfo) {
    super(core, raw, info);
    if (info.factory !== undefined) this.factory = info.factory;
  }

  /** The element's own state now. */
  get state(): State {
    const raw = native.elementState(this.raw);
    if (raw === null) throw goneError(this.path);
    return STATES[raw.state - 1] ?? 'null';
  }

  /** The author's object behind one of our elements of this isolate; undefined for any other element. */
  get instance(): Element | undefined {
    return objectOf(native.elementId(this.raw));
  }

  get parent(): ElementHandle | undefined {
    const parent = native.objectParent(this.raw);
    return parent === null ? undefined : (this.core.handle(parent) as ElementHandle);
  }

  /** Elements directly inside this bin; all below it with `recurse`. Empty for what is no bin. */
  children({ recurse = false } = {}): ElementHandle[] {
    return native.objectChildren(this.raw, recurse).map((raw) => this.core.handle(raw) as ElementHandle);
  }

  /** An element inside this bin by name or path, or a child that the element owns (a mixer's `sink_0`). */
  child(path: string): ObjectHandle | undefined {
    const child = native.objectChild(this.raw, path);
    return child === null ? undefined : (this.core.handle(child) as ObjectHandle);
  }

  pads(): PadHandle[] {
    return native.objectPads(this.raw).map((raw) => this.core.handle(raw) as PadHandle);
  }

  /** A pad by name; undefined when the element has none of that name (yet). */
  pad(name: string): PadHandle | undefined {
    const pad = native.padGet(this.raw, name);
    return pad === null ? undefined : (this.core.handle(pad) as PadHandle);
  }

  /** A new pad of a request template: `src_%u`, or a name that fits it. */
  requestPad(template: string): PadHandle {
    const pad = native.padRequest(this.raw, template);
    if (pad !== null) return this.core.handle(pad) as PadHandle;
    if (!this.alive) throw goneError(this.path);
    throw new TalkError('core/link', `"${this.path}" gives no pad "${template}".`, { element: this.path });
  }

  /** Links to another element as `!` in a launch line does. Throws `core/link`. */
  link(to: ElementHandle, { from, to: sink, caps }: LinkOptions = {}): this {
    const result = native.elementLink(this.raw, to.raw, from, sink, caps);
    if (result === true) return this;
    throw new TalkError('core/link', `"${this.path}" cannot be linked to "${to.path}": ${result}.`, {
      element: this.path,
    });
  }

  /** Brings an element that was added to a running pipeline into its state. */
  async sync(): Promise<void> {
    if (await asked(native.editSync(this.core.native(), this.raw))) return;
    throw new TalkError('core/state-change', `"${this.path}" does not start.`, { element: this.path });
  }

  /**
   * Takes the element out of a running pipeline: unlinks it between two buffers, gives requested pads back, stops and
   * releases it. Everything else goes on.
   */
  async remove(): Promise<void> {
    if (await asked(native.editRemove(this.core.native(), this.raw))) return;
    throw goneError(this.path);
  }

  /** Sends a custom event into the element; false when nobody took it. */
  sendEvent(
    name: string,
    fields: Record<string, unknown> = {},
    options: EventOptions = {},
  ): Promise<boolean> {
    return sendEvent(this.core, this, name, fields, options);
  }

  /** Asks this encoder for a key frame, or, for a sink, whatever feeds it. */
  forceKeyUnit(options: { allHeaders?: boolean; count?: number } = {}): Promise<boolean> {
    const pads = this.pads();
    const pad = pads.find(({ direction }) => direction === 'src') ?? pads[0];
    if (pad === undefined) throw goneError(this.path);
    return pad.forceKeyUnit(options);
  }

  /**
   * Batches of buffers out of this appsink, copied, in order; see `SampleOptions` for what happens when JS is slow.
   * Returns the function that stops listening.
   */
  onSamples(listener: SampleListener, options: SampleOptions = {}): () => void {
    return onSamples(this.core, this, listener, options);
  }

  /** The way into this appsrc; `limit` bytes may wait in it (default 1 MiB). */
  feed({ limit = 1 << 20 } = {}): Feed {
    return new Feed(this.core, this, limit);
  }
}

export { ObjectHandle, PadHandle };
