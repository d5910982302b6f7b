import { native } from '../native.js';
import { Element, type ElementHooks } from './element.js';
import type { Frame, TimedFrame } from './frame.js';
import { LINK } from './link.js';
import type { Checked, Properties } from './properties.js';
import type { Ns } from './time.js';

/** What `transform` returns: nothing, `'drop'`, or (not in place) how many bytes of `out` are used. */
// biome-ignore lint/suspicious/noConfusingVoidType: so that a method declared `: void` fits
export type Transformed = void | 'drop' | number | undefined;

/** What `drain` returns: the frames that are still to go out. */
// biome-ignore lint/suspicious/noConfusingVoidType: so that a method declared `: void` fits
export type Drained = readonly TimedFrame[] | void;

/**
 * Verb `transform`: one frame in, the same frame out. In place by default. With `static inPlace = false` it writes
 * into a second frame: its size follows from the caps of both pads (raw audio and video) or from `static unitSize`,
 * and `static keep` names the caps fields that pass unchanged.
 *
 * `static hold = true`: each frame waits on the clock until the last moment that still meets the sink.
 */
export abstract class Transform<P extends Checked<P> = Properties>
  extends Element<P>
  implements ElementHooks
{
  static readonly verb = 'transform';
  static readonly inPlace: boolean = true;
  static readonly keep: readonly string[] = [];
  static readonly unitSize: { readonly sink?: number; readonly src?: number } = {};
  static readonly hold: boolean = false;
  /** Held frames are let go this much earlier, for the method's own work. */
  static readonly holdAhead: Ns = 0;
  /**
   * Raw audio in place: wait in pieces of this length instead of whole buffers, so that no more than one piece is past
   * the gate too early. Pieces in good time go by without asking `transform`, which sees stale ones only, and from
   * `attend(true)` on all of them. What a cut
   * sends again from an earlier time is cut off where the output already is: its time never jumps.
   */
  static readonly holdChunk: Ns = 0;
  static readonly epoch: 'auto' | 'manual' = 'auto';

  /** Works on `frame`; not in place: from `frame` into `out`. */
  abstract transform(frame: Frame, out: Uint8Array): Transformed | Promise<Transformed>;
  /** The end of the stream has come; frames returned here still go out before it. */
  drain?(): Drained | Promise<Drained>;
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  setup?(...args: Parameters<NonNullable<ElementHooks['setup']>>): unknown;
  propertyChanged?(name: string): void;
  event?(...args: Parameters<NonNullable<ElementHooks['event']>>): unknown;

  /** With `holdChunk`: whether `transform` sees pieces in good time, too, from the one on that waits now. */
  attend(on: boolean): void {
    native.attend(this[LINK].id, on);
  }

  /** Not in place: caps wanted on the src pad, as text. Call it in `start`. */
  setOutputCaps(caps: string): void {
    native.setOutputCaps(this[LINK].id, caps);
  }
}
