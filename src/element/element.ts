/**
 * What all elements have: their properties, the clock, latency, events, messages, errors. The verbs (`Source`,
 * `Transform`, …) add the one method that an author writes.
 */
import { native } from '../native.js';
import { type ErrorCode, TalkError, toTalkError } from './error.js';
import type { Fields } from './frame.js';
import { birth, eventName, LINK, type Link, structureName } from './link.js';
import { type Log, logger } from './log.js';
import type { Checked, Properties, Values } from './properties.js';
import type { Ns } from './time.js';
import { EventKind } from './wire.js';

/** A fraction field of caps. */
export interface CapsFraction {
  readonly num: number;
  readonly den: number;
}

/** Fixed caps, parsed: `{ name: 'audio/x-raw', fields: { rate: 24000, … } }`. */
export interface Caps {
  readonly name: string;
  /** Caps features other than plain memory. */
  readonly features?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a caps field is a number, string, boolean, fraction or list of these
  readonly fields: Record<string, any>;
  /** The same as GStreamer writes it. */
  readonly text: string;
}

/** A custom event (`talkgraph/…`) that passes by. */
export interface ElementEvent {
  readonly name: string;
  readonly fields: Fields;
  /** The pad it came in by. */
  readonly pad: string;
  /** It overtook the data. */
  readonly oob: boolean;
  /** It came from downstream. */
  readonly upstream: boolean;
}

export interface SendOptions {
  /** Pad to send it from; the first that fits when left out. */
  readonly pad?: string;
  readonly direction?: 'down' | 'up';
  /** Ahead of all data, at once. */
  readonly oob?: boolean;
  /** Kept on the pads, for whoever is linked later. */
  readonly sticky?: boolean;
}

export interface LatencyReport {
  /** What this element adds, at least and at most (undefined: without bound). */
  readonly min: Ns;
  readonly max?: Ns | undefined;
}

/** Bytes of the largest frame: far more than any picture, far less than what would end the process. */
const LARGEST = 2 ** 30;

/** Base of the verbs; extend one of those. */
export abstract class Element<P extends Checked<P> = Properties> {
  /** The inside; not for authors. */
  readonly [LINK]: Link;
  /** The properties by name: always the present value; writing one notifies those who watch it. */
  readonly props: Values<P>;

  #log: Log | undefined;

  /** Elements are made by GStreamer (a launch line, a factory); `new` by hand is an error. */
  constructor() {
    const link = birth.link;
    birth.link = undefined;
    if (link === undefined) {
      throw new TypeError(`Expected ${new.target.name} to be made by GStreamer, by its factory name`);
    }
    link.object = this as unknown as Element;
    this[LINK] = link;
    this.props = propertiesOf(
      link.id,
      (new.target as unknown as { properties?: Properties }).properties ?? {},
    ) as Values<P>;
  }

  /** The element's name in its pipeline. */
  get name(): string {
    return native.elementInfo(this[LINK].id)?.name ?? this[LINK].factory;
  }

  /** Where it stands: pipeline, bins, name. */
  get path(): string {
    return native.elementInfo(this[LINK].id)?.path ?? this[LINK].factory;
  }

  /** Log lines that carry the element's name. */
  get log(): Log {
    this.#log ??= logger({ element: this.name });
    return this.#log;
  }

  /**
   * Aborts when the data at hand is old: a flush, a cut, the end of the stream's life. Pass it to whatever is awaited.
   * After an abort the property holds a new signal, so take it at the beginning of a piece of work.
   */
  get signal(): AbortSignal {
    return this[LINK].signal;
  }

  /** Running time now, by the pipeline's clock; undefined when it does not play. Never blocks. */
  runningTime(): Ns | undefined {
    return native.runningTime(this[LINK].id);
  }

  /** Latency of the whole pipeline, as last distributed; 0 before that and when nothing is live. */
  get pipelineLatency(): Ns {
    return this[LINK].latency;
  }

  /** Tells what latency this element adds. Answered natively from then on; the pipeline asks again. */
  setLatency({ min, max }: LatencyReport): void {
    native.setLatency(this[LINK].id, min, max);
  }

  /**
   * From `start`, when it has more to do than fits into its minute: it may take so long from now on. Its `signal` aborts
   * when nobody waits any more.
   */
  extendStart(time: Ns): void {
    native.extendStart(this[LINK].id, Math.ceil(Math.min(time / 1e6, 2 ** 31 - 1)));
  }

  /** Posts an element message: `mark` of the Pipeline. */
  post(name: string, fields: Fields = {}): void {
    native.post(this[LINK].id, structureName(name), fields);
  }

  /** Stops with an error on the bus; the element takes no more data. */
  fail(error: TalkError): void;
  fail(code: ErrorCode, message: string): void;
  fail(error: TalkError | ErrorCode, message = ''): void {
    reportFailure(this[LINK], 0, typeof error === 'string' ? new TalkError(error, message) : error);
  }

  /** Posts a warning on the bus and goes on. */
  warn(message: string): void {
    native.warn(this[LINK].id, message);
  }

  /** Sends a custom event: in order with the data unless `oob`, downstream unless `direction: 'up'`. Never waits. */
  sendEvent(name: string, fields: Fields = {}, options: SendOptions = {}): void {
    const link = this[LINK];
    const kind =
      options.direction === 'up'
        ? EventKind.up
        : options.oob
          ? EventKind.oob
          : options.sticky
            ? EventKind.sticky
            : EventKind.serialized;
    const inOrder = kind === EventKind.serialized || kind === EventKind.sticky;
    const answers = inOrder && link.call !== 0 && options.pad === undefined;
    // What is said behind a `revise` is no part of the answer that was taken back.
    if (answers && native.giveEvent(link.call, kind, eventName(name), fields)) return;
    native.send(link.id, kind, eventName(name), fields, options.pad ?? '');
  }

  /** Memory from a pool for a frame that is going to be handed on; handing it on detaches it. Content is undefined. */
  alloc(bytes: number): Uint8Array {
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > LARGEST) {
      throw new TypeError(`Expected an integer from 0 to ${LARGEST} for bytes but received ${shown(bytes)}`);
    }
    return new Uint8Array(native.alloc(this[LINK].id, bytes));
  }
}

/** What an author may write besides the verb's own method. Called on the JS thread, one at a time, in order. */
export interface ElementHooks {
  /**
   * Before data flows. At most a minute, or as long as `extendStart` says. One that finishes later is followed by `stop`;
   * one that fails has to undo itself what it did.
   */
  start?(): void | Promise<void>;
  /** After data has stopped flowing. At most 10 s. */
  stop?(): void | Promise<void>;
  /** Caps of a pad are known. */
  setup?(caps: Caps, pad: string): unknown;
  /** A property was set from outside. */
  propertyChanged?(name: string): void;
  /** A custom event passes by; `'drop'` keeps a serialized one from going on. */
  event?(event: ElementEvent): unknown;
}

/** Posts an error for an element, and answers the open question with it. */
export function reportFailure(link: Link, call: number, thrown: unknown): void {
  const error = toTalkError(thrown, link.factory);
  const code = error.code.slice(error.domain.length + 1);
  const cause = error.cause instanceof Error ? (error.cause.stack ?? '') : '';
  const debug = [error.debug, cause === error.debug ? '' : cause, error.stack ?? ''].filter((s) => s !== '');
  native.fail(
    link.id,
    call,
    error.domain,
    code,
    error.message,
    debug[0] ?? '',
    error.details,
    error.retryable,
  );
}

/** A value in the sentence of a complaint. */
const shown = (value: unknown): string =>
  `${typeof value === 'string' ? JSON.stringify(value) : String(value)} of type ${value === null ? 'null' : typeof value}`;

const accessors = new WeakMap<Properties, new (id: number) => object>();

/** An object with a live accessor per declared property. */
function propertiesOf(id: number, declared: Properties): object {
  let Made = accessors.get(declared);
  if (Made === undefined) {
    Made = class {
      readonly #id: number;
      constructor(instance: number) {
        this.#id = instance;
      }
      static get(self: object, name: string): unknown {
        // A text that was set to null from outside is an empty one.
        return native.getProperty((self as InstanceType<typeof this>).#id, name) ?? '';
      }
      static set(self: object, name: string, value: unknown): void {
        const expected = native.setProperty((self as InstanceType<typeof this>).#id, name, value);
        if (expected !== undefined) {
          throw new TypeError(`Expected ${expected} for ${name} but received ${shown(value)}`);
        }
      }
    };
    const made = Made as unknown as {
      get(self: object, name: string): unknown;
      set(self: object, name: string, value: unknown): void;
      prototype: object;
    };
    for (const name of Object.keys(declared)) {
      Object.defineProperty(made.prototype, name, {
        enumerable: true,
        get(this: object) {
          return made.get(this, name);
        },
        set(this: object, value: unknown) {
          made.set(this, name, value);
        },
      });
    }
    accessors.set(declared, Made);
  }
  return Object.seal(new Made(id));
}
