import { native } from '../native.js';
import { Element, type ElementHooks } from './element.js';
import type { EventItem, Frame, TimedFrame } from './frame.js';
import { LINK } from './link.js';
import type { Checked, Properties } from './properties.js';
import type { Ns } from './time.js';

/** Where a source is: what has left it so far. */
export interface Position {
  /** Time at which the next frame begins if it follows the last one. */
  readonly pts: Ns;
  /** Samples of all channels for raw audio, else buffers, since the start. */
  readonly frames: number;
}

/** What `create` gives: frames and events in order, or null at the end. */
export type Created = TimedFrame | readonly (TimedFrame | EventItem)[] | null | undefined;

/**
 * Verb `source`: makes media. Either write `create`, which is asked whenever everything given before has left; or leave
 * it out and `push` frames as they come.
 *
 * It may have sink pads beside, made on demand: what comes in by one is given to `render`, custom events to `event`, and the end
 * to `drain`. Nothing of it goes on to the src.
 *
 * `static live = true` (or a bool property `is-live`) makes it a live source: nothing flows before PLAYING.
 */
export abstract class Source<P extends Checked<P> = Properties> extends Element<P> implements ElementHooks {
  static readonly verb = 'source';
  static readonly live: boolean = false;
  /** Frames that `push` may be ahead. */
  static readonly queue: { readonly out?: number } = { out: 16 };

  /** The next frames. `null` ends the stream, an empty list or undefined asks again when something was pushed. */
  create?(position: Position): Created | Promise<Created>;
  /** Takes a frame that came in by a sink pad; who sends it waits until that is done. The view must not be written to. */
  render?(frame: Frame): void | Promise<void>;
  /** A sink pad has nothing more to come. */
  drain?(): void | Promise<void>;
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  /** The caps that were agreed on. */
  setup?(...args: Parameters<NonNullable<ElementHooks['setup']>>): unknown;
  propertyChanged?(name: string): void;
  event?(...args: Parameters<NonNullable<ElementHooks['event']>>): unknown;

  /** Names of the sink pads that were asked for so far. */
  get inputs(): string[] {
    return native.padNames(this[LINK].id).filter((name) => name !== 'src');
  }

  /** Caps this source wants to make now, as text; negotiated against what follows. Best called in `start`. */
  setOutputCaps(caps: string): void {
    native.setOutputCaps(this[LINK].id, caps);
  }

  /**
   * Takes back every frame that has not left yet, with the events given before it; `create` is asked again at once,
   * with the true position. What `sendEvent` sent stays, and a frame whose events have begun to leave follows them.
   * @returns false when there was none: what was given last is on its way, though `create` was not asked again yet
   */
  revise(): boolean {
    return native.revise(this[LINK].id);
  }

  /** Gives a frame. Resolves when there is room for the next. */
  async push(frame: TimedFrame): Promise<void> {
    const link = this[LINK];
    if (!link.put(frame)) await link.room();
  }

  /** Ends the stream behind what was pushed. */
  end(): void {
    native.end(this[LINK].id, 0);
  }
}
