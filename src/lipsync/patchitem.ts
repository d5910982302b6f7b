import type { Frame, Item, TimedFrame } from '../element/frame.js';
import type { Box } from '../picture/picture.js';
import type { Lips } from './lips.js';

/** An avatar whose mouths have their places. */
interface BoxedAvatar {
  readonly id: string;
  box(frame: number, crop: string): Box;
}

/** The gap that stands where no patch is: the mouth rests. */
export function silent({ pts, duration, discont }: Frame): TimedFrame {
  return { data: new Uint8Array(0), gap: true, pts: pts ?? 0, duration, discont };
}

/** The bytes of a patch; undefined for what is none. */
export function patchOf(item: Item | undefined): Uint8Array | undefined {
  return item === undefined || 'event' in item || item.gap === true ? undefined : item.data;
}

/** A frame's patch, with the meta that says whose it is and where it belongs. */
export function patchItem(
  { manifest, layers }: Pick<Lips, 'manifest' | 'layers'>,
  { pts, duration, discont }: Frame,
  data: Uint8Array,
  avatar: BoxedAvatar,
  frame: number,
): TimedFrame {
  const { crop } = manifest;
  const { x, y, w, h } = avatar.box(frame, crop);
  const meta = { avatar: avatar.id, frame, crop, x, y, w, h, layers };
  return { data, pts, duration, discont, metas: { TalkgraphPatch: meta } };
}
