import { Element, type ElementHooks } from './element.js';
import type { Frame } from './frame.js';
import type { Checked, Properties } from './properties.js';

/**
 * Verb `sink`: takes media in. With `sync` (the default, also a property of every sink) each frame is rendered when
 * the clock says so.
 */
export abstract class Sink<P extends Checked<P> = Properties> extends Element<P> implements ElementHooks {
  static readonly verb = 'sink';
  static readonly sync: boolean = true;
  static readonly epoch: 'auto' | 'manual' = 'auto';

  /** Takes a frame. The view must not be written to. */
  abstract render(frame: Frame): void | Promise<void>;
  /** The end of the stream has come. */
  drain?(): void | Promise<void>;
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
  setup?(...args: Parameters<NonNullable<ElementHooks['setup']>>): unknown;
  propertyChanged?(name: string): void;
  event?(...args: Parameters<NonNullable<ElementHooks['event']>>): unknown;
}
