/** `there-and-back` plays 0 1 2 2 1 0 0 1 2 …, both end frames twice in a row; `forward` plays 0 1 2 0 1 2 …. */
export type LoopMode = 'there-and-back' | 'forward';

/**
 * The frame to show at the n-th tick of a loop over `count` frames.
 *
 * A pure function of the counter, so that live, replayed and offline runs show the same frames. The doubled ends
 * are LiveTalking's: avatars made for it play here as they did there.
 *
 * @throws TypeError for a negative or fractional counter or an empty loop
 */
export function loopIndex(n: number, count: number, mode: LoopMode): number {
  if (!Number.isSafeInteger(n) || n < 0) {
    throw new TypeError(`Expected a frame counter from 0 up but received ${n}.`);
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new TypeError(`Expected a loop of at least 1 frame but received ${count}.`);
  }
  const at = n % count;
  return mode === 'forward' || Math.floor(n / count) % 2 === 0 ? at : count - 1 - at;
}
