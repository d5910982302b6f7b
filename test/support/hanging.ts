/**
 * FAKE drivers that hang: GStreamer's `identity`, which sleeps through everything, flush and stop included, as a thread does that is
 * inside a driver and does not come out. No card or driver is involved.
 */
import type { Pipeline } from '../../src/graph/pipeline.js';

/** Hangs with its first buffer, for `ms`, a second after the start: what hangs at once holds up the start. Launch text. */
export const hangsLater = (ms: number, name = 'hangs'): string =>
  `queue min-threshold-time=1000000000 max-size-time=3000000000 max-size-bytes=0 ! identity name=${name} sleep-time=${ms * 1000}`;

/** Hangs when it is told to. Launch text. */
export const HANGS = 'identity name=hangs signal-handoffs=true';

/** Lets `HANGS` hang; resolves when it does. */
export async function hang(pipeline: Pipeline, ms: number): Promise<void> {
  const hangs = pipeline.element('hangs');
  hangs.set('sleep-time', ms * 1000);
  // It says so before it looks how long it is to sleep.
  await new Promise<void>((resolve) => hangs.on('handoff', () => resolve()));
}
