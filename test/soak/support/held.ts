/** What a process holds on to, and whether it gave back what it took. */
import { readdirSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { native } from '../../../src/native.js';
import { gc } from '../../support/gc.js';

/** Counts by name: native objects, files, timers. All must come back to what they were, exactly. */
export type Held = Readonly<Record<string, number>>;

export const threads = (): number => readdirSync('/proc/self/task').length;

/** What there is now, after everything that can be collected was. */
export async function held(): Promise<Held> {
  // Made with their first use, and theirs are descriptors, too.
  void [process.stdout, process.stderr];
  for (let i = 0; i < 4; i++) await gc();
  const { controlThreads: _, ...objects } = native.census();
  const { instances, calls, loans } = native.elementCounts();
  const timers = process
    .getActiveResourcesInfo()
    .filter((name) => name === 'Timeout' || name === 'Immediate');
  return {
    ...objects,
    ...{ elements: instances, calls, loans },
    'file descriptors': readdirSync('/proc/self/fd').length,
    timers: timers.length,
  };
}

/** What is still more than it was after threads that are on their way out have had `seconds` to go, as sentences. */
export async function leftAfter(before: Held, seconds: number): Promise<string[]> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const problems = left(before, await held());
    if (problems.length === 0 || performance.now() > end) return problems;
    await later(250);
  }
}

function left(before: Held, after: Held): string[] {
  return Object.entries(after)
    .filter(([name, count]) => count > (before[name] ?? 0))
    .map(([name, count]) => `${name}: ${before[name] ?? 0} before, ${count} after`);
}

/** Waits until idle threads have gone home, at most `seconds`: pools keep them for a while. Returns how many are left. */
export async function threadsAtMost(bound: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  while (threads() > bound && performance.now() < end) await later(250);
  return threads();
}
