import { native } from '../native.js';
import { type Caps, Element, type ElementHooks } from './element.js';
import { type EventItem, type Fields, type Frame, type Item, readFrame } from './frame.js';
import { eventName, LINK, type Link } from './link.js';
import type { Checked, Properties } from './properties.js';
import { Taken } from './wire.js';

/** Caps for the src pad as text, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: so that a method declared `: void` fits
export type CapsText = string | void;

/** What a pipe reads: iterate it, or look whether more is there already (for batches). */
export interface PipeInput extends AsyncIterable<Item> {
  /** The next item, waiting for it; undefined at the end of the stream. */
  next(): Promise<Item | undefined>;
  /** The next item if one is there already. */
  poll(): Item | undefined;
}

/**
 * Verb `pipe`: a decoupled element. What comes in waits in a bounded queue; `run` reads it as it likes, may await, and
 * yields what goes out: as many frames as it wants, at its own pace. Everything that infers is a pipe.
 *
 * Custom events come as items, at their place; yield them to pass them on. Caps, segment and the end of the stream are
 * handled natively; `setup` has been called before `run` begins, which is when the first item is there. After a flush or a cut `run` is called afresh and `signal` aborts; what the old one still yields
 * is dropped.
 *
 * A frame stays valid until it is yielded, released or the work is called off; the view is read-only unless
 * `static writable = true`.
 */
export abstract class Pipe<P extends Checked<P> = Properties> extends Element<P> implements ElementHooks {
  static readonly verb = 'pipe';
  /** Buffers that wait on either side; a full in queue blocks upstream, a full out queue blocks `run`. */
  static readonly queue: { readonly in?: number; readonly out?: number } = { in: 16, out: 16 };
  static readonly writable: boolean = false;
  static readonly epoch: 'auto' | 'manual' = 'auto';

  abstract run(input: PipeInput): AsyncIterable<Item>;
  /** Caps of the sink pad are known. A text is the caps of the src pad (fixed against what follows). */
  setup?(caps: Caps, pad: string): CapsText | Promise<CapsText>;
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  propertyChanged?(name: string): void;
  event?(...args: Parameters<NonNullable<ElementHooks['event']>>): unknown;

  /** Sets the caps of the src pad, as text; in order with what was yielded. */
  setOutputCaps(caps: string): void {
    native.setOutputCaps(this[LINK].id, caps);
  }

  /** Gives the memory of an input frame back before it would be by itself. */
  release(frame: Frame): void {
    native.release(frame.data.buffer as ArrayBuffer);
  }
}

/** Events that came in, so that yielding one passes on the very same. */
const tokens = new WeakMap<object, number>();

class Input implements PipeInput {
  readonly #link: Link;
  readonly #generation: number;
  #caps: [Caps, string] | undefined;
  #first: Item | undefined;
  #ended = false;

  constructor(link: Link, generation: number) {
    this.#link = link;
    this.#generation = generation;
  }

  /** Waits for the first item, so that caps are known before `run` begins. False when there is none. */
  async prime(): Promise<boolean> {
    this.#first = await this.next();
    return this.#first !== undefined || this.#generation === this.#link.generation;
  }

  poll(): Item | undefined {
    const first = this.#first;
    if (first !== undefined) {
      this.#first = undefined;
      return first;
    }
    if (this.#ended || this.#caps !== undefined) return undefined;
    const taken = native.take(this.#link.id, this.#generation);
    if (taken instanceof ArrayBuffer) return readFrame(taken, undefined);
    if (typeof taken === 'number') {
      this.#ended = taken === Taken.end || taken === Taken.stale;
      return undefined;
    }
    if (taken[0] === Taken.frame) return readFrame(taken[1], taken[2]);
    if (taken[0] === Taken.event) {
      const item: EventItem = { event: true, name: taken[2], fields: taken[3] };
      tokens.set(item, taken[1]);
      return item;
    }
    this.#caps = [{ ...taken[1], text: taken[2] } as Caps, taken[2]];
    return undefined;
  }

  async next(): Promise<Item | undefined> {
    for (;;) {
      const item = this.poll();
      if (item !== undefined) return item;
      if (this.#caps !== undefined) {
        await this.#setup(this.#caps);
        this.#caps = undefined;
        continue;
      }
      if (this.#ended || this.#generation !== this.#link.generation) return undefined;
      await this.#link.ready();
    }
  }

  async #setup([caps, text]: [Caps, string]): Promise<void> {
    const wanted = await (this.#link.object as unknown as Pipe).setup?.(caps, 'sink');
    // Without an opinion: the same caps when the src pad may have them, else what its template says.
    if (typeof wanted === 'string') native.setOutputCaps(this.#link.id, wanted);
    else native.setOutputCaps(this.#link.id, text, true);
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return {
      next: async (): Promise<IteratorResult<Item>> => {
        const value = await this.next();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
    };
  }
}

function forward(link: Link, generation: number, item: EventItem): void {
  const token = tokens.get(item);
  if (token !== undefined && native.forward(link.id, token)) return;
  native.putEvent(link.id, generation, eventName(item.name), item.fields as Fields);
}

/** Runs one generation of a pipe's work; resolves when it is over. Rejects with what the author threw. */
export async function runPipe(link: Link, generation: number): Promise<void> {
  const pipe = link.object as unknown as Pipe;
  const { signal } = link;
  const input = new Input(link, generation);
  if (!(await input.prime())) return;
  const output = pipe.run(input)[Symbol.asyncIterator]();
  // The old generator goes to its `finally` blocks as soon as it awaits nothing any more.
  signal.addEventListener('abort', () => void Promise.resolve(output.return?.()).catch(() => undefined), {
    once: true,
  });
  while (!signal.aborted) {
    const { done, value } = await output.next();
    if (signal.aborted) return;
    if (done === true) break;
    if ('event' in value) {
      forward(link, generation, value);
    } else if (!link.put(value)) {
      await link.room();
    }
  }
  if (!signal.aborted) native.end(link.id, generation);
}
