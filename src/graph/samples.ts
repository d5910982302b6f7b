/** Data between an appsink or appsrc and JS. */
import { TalkError } from '../element/error.js';
import type { NativeHandle, RawSample } from '../native/pipeline.js';
import { native } from '../native.js';
import { type Core, goneError } from './core.js';
import { unexpected } from './errors.js';

/** One buffer out of an appsink: a copy that is yours. Times are ns. */
export interface Sample {
  readonly data: Uint8Array;
  /** Time of the buffer in its segment. */
  readonly pts?: number;
  readonly dts?: number;
  readonly duration?: number;
  /** When it is (or was) due on the pipeline's clock. */
  readonly runningTime?: number;
  readonly gap?: boolean;
  readonly discont?: boolean;
  readonly header?: boolean;
  /** It cannot be decoded by itself: not a key frame. */
  readonly delta?: boolean;
  readonly marker?: boolean;
  readonly corrupted?: boolean;
  /** What `data` is; the same object while nothing changes. */
  readonly caps: Caps | null;
}

export interface Caps {
  readonly name: string;
  readonly features?: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SampleOptions {
  /** Buffers that may wait for JS; default 64. */
  readonly limit?: number;
  /** When that many wait: drop the oldest (default; counted), or let the pipeline wait. */
  readonly full?: 'drop' | 'wait';
}

/** Batches of an appsink, in order. `dropped`: how many were lost before this batch. */
export type SampleListener = (samples: readonly Sample[], dropped: number) => void;

/** Listens to an appsink; see `ElementHandle.onSamples`. */
export function onSamples(
  core: Core,
  element: { raw: NativeHandle; path: string },
  listener: SampleListener,
  { limit = 64, full = 'drop' }: SampleOptions,
): () => void {
  if (!Number.isInteger(limit) || limit < 1) throw unexpected('an integer from 1', 'limit', limit);
  const id = core.listen((_kind, payload) => {
    const { samples, dropped } = payload as { samples: RawSample[]; dropped: number };
    core.guard(element.path, () => listener(samples, dropped));
  });
  if (!native.samplesListen(core.native(), element.raw, id, limit, full === 'wait')) {
    core.forget(id);
    throw new TypeError(`"${element.path}" is no appsink`);
  }
  return () => {
    native.samplesIgnore(element.raw);
    core.forget(id);
  };
}

/** A buffer for an appsrc. Times are ns; leave them out with `do-timestamp=true`. */
export interface FeedFrame {
  readonly data: Uint8Array;
  readonly pts?: number;
  readonly dts?: number;
  readonly duration?: number;
  readonly gap?: boolean;
  readonly discont?: boolean;
  readonly header?: boolean;
  readonly delta?: boolean;
  readonly marker?: boolean;
}

/** What became of a buffer: not an error, the pipeline is stopping or has ended. */
export type Flow = 'ok' | 'flushing' | 'eos';

/** The way into an appsrc. Made by `ElementHandle.feed`. */
export class Feed {
  readonly #core: Core;
  readonly #element: { raw: NativeHandle; path: string };
  #waiting: ((flow: Flow) => void)[] = [];

  constructor(core: Core, element: { raw: NativeHandle; path: string }, limit: number) {
    this.#core = core;
    this.#element = element;
    const id = core.listen(() => this.#settle('ok'));
    core.onStop(() => this.#settle('flushing'));
    if (native.feedOpen(core.native(), element.raw, id, limit)) return;
    core.forget(id);
    throw new TypeError(`"${element.path}" is no appsrc`);
  }

  /**
   * Puts a copy of a buffer in. Resolves when the next one is welcome: at once while the queue has room, else when
   * half of it is gone. Awaiting it is the back-pressure; not awaiting it is bounded by nothing.
   */
  push(frame: FeedFrame | Uint8Array): Promise<Flow> {
    const result = native.feedPush(this.#element.raw, frame);
    if (result === null) throw goneError(this.#element.path);
    if (result.expected !== undefined) throw unexpected(result.expected, 'frame', frame);
    if (result.flow !== 'ok' || result.full !== true) return Promise.resolve(result.flow ?? 'ok');
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** No more data: EOS after what is queued. */
  end(): Flow {
    const flow = native.feedEnd(this.#element.raw);
    if (flow === null) throw goneError(this.#element.path);
    if (this.#core.closed) throw new TalkError('core/state-change', `"${this.#element.path}" is closed.`);
    return flow;
  }

  #settle(flow: Flow): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(flow);
  }
}
