/** A slot of the timeline as what leaves the source: its marks as events, then its frame. */
import type { EventItem, TimedFrame } from '../element/index.js';
import type { Slot, Timeline } from './timeline.js';

export interface SlotContext {
  readonly timeline: Timeline;
  readonly epoch: number;
  /** The frame follows a jump. */
  readonly discont: boolean;
  /** Events that stand right before the frame. */
  readonly announced: readonly EventItem[];
}

/** Whether an utterance or a clip ends in it. */
export const endsIn = ({ marks }: Slot): boolean =>
  marks.some(({ name, fields }) => name === 'utterance-end' || (name === 'clip' && fields['name'] === ''));

export function slotItems(
  { frame, at, samples, marks }: Slot,
  { timeline, epoch, discont, announced }: SlotContext,
): (TimedFrame | EventItem)[] {
  const pts = timeline.ptsOf(frame);
  const pcm = samples ?? new Int16Array(timeline.sampleOf(frame + 1) - timeline.sampleOf(frame));
  const events = marks.map(({ name, fields }): EventItem => {
    // Sounds are told far ahead: who hears of a cut later than of them must know which side they are of.
    return { event: true, name, fields: name === 'phonemes' ? { ...fields, epoch } : fields };
  });
  const data = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  const duration = timeline.ptsOf(frame + 1) - pts;
  return [...events, ...announced, { data, pts, duration, at, discont }];
}
