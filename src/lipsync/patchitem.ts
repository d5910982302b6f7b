import type { Frame, Item, TimedFrame } from '../element/frame.js';

/** The gap that stands where no patch is: the mouth rests. */
export function silent({ pts, duration, discont }: Frame): TimedFrame {
  return { data: new Uint8Array(0), gap: true, pts: pts ?? 0, duration, discont };
}

/** The bytes of a patch; undefined for what is none. */
export function patchOf(item: Item | undefined): Uint8Array | undefined {
  return item === undefined || 'event' in item || item.gap === true ? undefined : item.data;
}
