import { native } from '../native.js';
import { Element, type ElementHooks } from './element.js';
import type { EventItem, Frame, TimedFrame } from './frame.js';
import { LINK } from './link.js';
import type { Checked, Properties } from './properties.js';
import type { Ns } from './time.js';

/** The frame that is to be made. */
export interface Output {
  /** Its time and duration; a frame without a PTS of its own gets these. */
  readonly pts: Ns;
  readonly duration: Ns;
  /** Its number since the start, from 0. */
  readonly n: number;
}

/** What each pad has for that time, by pad name; undefined (or absent) when it has nothing. */
export type PadFrames = Readonly<Record<string, Frame | undefined>>;

/** A frame, with events before or behind it; undefined leaves this one out; null ends the stream. */
export type Mixed = TimedFrame | readonly (TimedFrame | EventItem)[] | null | undefined;

/**
 * Verb `mixer`: makes frame after frame at the framerate of its src caps, from what its sink pads have for that time.
 * Live, a frame is made at its deadline with what is there; offline it waits for every linked pad. What comes too late
 * is dropped and counted (`lateFrames`). All sink pads are request pads (`sink_%u`, or a plain name like `body`).
 *
 * A pad's frame is the one that is showing at the middle of the output frame; longer frames show several times.
 */
export abstract class Mixer<P extends Checked<P> = Properties> extends Element<P> implements ElementHooks {
  static readonly verb = 'mixer';
  /** Frames wait on the clock until the last moment that still meets the sink. */
  static readonly hold: boolean = false;
  /** Held frames are let go this much earlier, for the method's own work. */
  static readonly holdAhead: Ns = 0;
  static readonly epoch: 'auto' | 'manual' = 'auto';

  /** Makes one frame. The views of the pads' frames must not be written to. */
  abstract aggregate(pads: PadFrames, out: Output): Mixed | Promise<Mixed>;
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  setup?(...args: Parameters<NonNullable<ElementHooks['setup']>>): unknown;
  propertyChanged?(name: string): void;
  event?(...args: Parameters<NonNullable<ElementHooks['event']>>): unknown;

  /** Caps of the frames that are made, as text. Best called in `start`. */
  setOutputCaps(caps: string): void {
    native.setOutputCaps(this[LINK].id, caps);
  }

  /** Names of the sink pads that were asked for so far. */
  get inputs(): string[] {
    return native.padNames(this[LINK].id).filter((name) => name !== 'src');
  }

  /** Frames that came after their time, since the start. */
  get lateFrames(): number {
    return native.lateFrames(this[LINK].id);
  }
}
