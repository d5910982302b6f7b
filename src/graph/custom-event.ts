/** Custom events from outside a pipeline. */
import { native } from '../native.js';
import { asked, type Core, type ObjectLike } from './core.js';
import { unexpected } from './errors.js';

export interface EventOptions {
  /** Which way it travels; default down, towards the sinks. */
  readonly direction?: 'up' | 'down';
  /** Out of band: arrives before the data queued ahead of it. Default false: in order with the data. */
  readonly oob?: boolean;
  /** Kept on the pads and told to whatever is linked later. */
  readonly sticky?: boolean;
}

/** Sends a custom event to an element or pad; false when nobody took it. */
export function sendEvent(
  core: Core,
  target: ObjectLike,
  name: string,
  fields: Record<string, unknown>,
  { direction = 'down', oob = false, sticky = false }: EventOptions,
): Promise<boolean> {
  const sent = native.eventSend(core.native(), target.raw, name, fields, direction, oob, sticky);
  if (!('expected' in sent)) return asked(sent);
  throw unexpected(sent.expected, `the event ${name}`, fields);
}
