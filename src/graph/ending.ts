/**
 * Ends that do not wait for what hangs. A thread that is inside an element and does not come out of it, as in the driver of a graphics
 * card that is ill, cannot be ended: a pipeline with such a one never reaches NULL.
 */

import { atMost } from '../element/atmost.js';
import { TalkError } from '../element/error.js';
import type { NativeHandle } from '../native/pipeline.js';
import { native } from '../native.js';
import type { Pipeline } from './pipeline.js';
import { STATES } from './state.js';

/**
 * Closes a pipeline, and waits for it no longer than `limit` ms. One that is not closed by then goes on to close, and keeps a thread of the
 * control pool and all its memory until it is.
 * @throws TalkError core/state-change that names what holds it up, the innermost elements; and what `close` does
 */
export async function closeWithin(pipeline: Pipeline, limit: number): Promise<void> {
  const elements = pipeline.closed ? [] : pipeline.elements({ recurse: true });
  if (await atMost(pipeline.close(), limit)) return;
  const paths = elements.filter(({ raw }) => stops(raw)).map(({ path }) => path);
  const element = paths.filter((path) => !paths.some((other) => other.startsWith(`${path}/`))).join(', ');
  throw new TalkError(
    'core/state-change',
    `"${pipeline.name}" is left behind: ${element || 'something in it'} hangs and cannot be stopped.`,
    { element },
  );
}

/** It is on its way to a lower state. */
const stops = (element: NativeHandle): boolean =>
  STATES[(native.elementState(element)?.pending ?? 0) - 1] !== undefined;

/**
 * The process ends with this exit code in `limit` ms at the latest, whatever hangs: threads of elements, workers, JS itself. What is
 * written by then is written. The last call counts.
 */
export function endBy(limit: number, code: number): void {
  native.endBy(Math.max(0, Math.round(limit)), code);
}
