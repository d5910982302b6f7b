/** GStreamer's states by number. */
import type { State } from './events.js';

/** In order; GstState is the index plus one. */
export const STATES: readonly State[] = ['null', 'ready', 'paused', 'playing'];

/** GstState of a name. */
export function stateNumber(state: State): number {
  return STATES.indexOf(state) + 1;
}

/** Name of a GstState; undefined for 0, which means "nothing pending". */
export function stateName(number: number): State | undefined {
  return STATES[number - 1];
}

/** The states above one. */
export function above(state: State): readonly State[] {
  return STATES.slice(stateNumber(state));
}
