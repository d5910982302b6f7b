/** What waits in an element, and what it has given up: read from what elements of GStreamer and ours tell of themselves. */
import { native } from '../native.js';
import type { ElementHandle } from './handle.js';

/** One queue. */
export interface Level {
  /** `in` and `out` of our pipes; empty for an element that is a queue. */
  readonly name: string;
  readonly buffers: number;
  /** ms that they last; undefined where that is not counted. */
  readonly time?: number;
  /** How full it is, 0 to 1, by whichever of its limits is nearest; 0 for one without. */
  readonly full: number;
}

const QUEUES = new Set(['queue', 'queue2', 'multiqueue']);
/** Properties that count what was given up. */
const LOST = ['missed', 'dropped', 'late'];
/** Which of them a type has, found once: to list the properties of all elements for each look is half of what a look costs. */
const counted = new Map<string, readonly string[]>();

/** Queues of an element: none for most. */
export function levelsOf(element: ElementHandle): Level[] {
  const number = native.elementId(element.raw);
  const pipe = number === 0 ? null : native.pipeLevels(number);
  if (pipe !== null) {
    return [
      { name: 'in', buffers: pipe.in, full: share(pipe.in, pipe.inLimit) },
      { name: 'out', buffers: pipe.out, full: share(pipe.out, pipe.outLimit) },
    ];
  }
  if (!QUEUES.has(element.factory ?? '') || !element.properties.includes('current-level-time')) return [];
  const value = (name: string) => Number(element.get(name));
  const fulls = ['buffers', 'bytes', 'time'].map((what) =>
    share(value(`current-level-${what}`), value(`max-size-${what}`)),
  );
  const time = value('current-level-time') / 1e6;
  return [{ name: '', buffers: value('current-level-buffers'), time, full: Math.max(...fulls) }];
}

/** Work that was given up, counted by the element; undefined for one that does not count. */
export function lostBy(element: ElementHandle): number | undefined {
  if (native.elementId(element.raw) === 0) return undefined;
  const names = counted.get(element.type) ?? LOST.filter((name) => element.properties.includes(name));
  counted.set(element.type, names);
  return names.length === 0 ? undefined : names.reduce((sum, name) => sum + Number(element.get(name)), 0);
}

const share = (now: number, limit: number): number => (limit > 0 ? Math.min(1, now / limit) : 0);
