/**
 * Work that takes a while: a line that says how far it is and how long it will take, and Ctrl-C.
 */
import { ProgressLine, seconds } from './progress.js';
import type { Terminal } from './terminal.js';

/** What the work is given. */
export interface Work {
  /** Says how far it is. `done` of `total` things. */
  tick(done: number, total: number): void;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Why the work ended early. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Does something with a progress line under `label`. @throws Interrupted at Ctrl-C; whatever the work throws */
export async function work<T>(
  terminal: Terminal,
  label: string,
  doing: (work: Work) => Promise<T>,
): Promise<T> {
  const line = new ProgressLine(terminal);
  const control = new AbortController();
  const stopListening = terminal.onInterrupt(() => control.abort(new Interrupted('interrupted')));
  const began = performance.now();
  let shown = 0;
  try {
    return await doing({
      signal: control.signal,
      tick: (done, total) => {
        const now = performance.now();
        if (now - shown < 100 && done < total) return;
        shown = now;
        line.show(progress(label, done, total, now - began));
      },
    });
  } finally {
    line.clear();
    stopListening();
  }
}

/** `Reading  120 of 550  21 %  12.4 s left`. */
export function progress(label: string, done: number, total: number, elapsedMs: number): string {
  const share = total > 0 ? Math.floor((100 * done) / total) : 100;
  // The first moment says little about the rest.
  const left = elapsedMs > 1000 && done > 0 && done < total ? ((total - done) * elapsedMs) / done : undefined;
  return `  ${label}  ${done} of ${total}  ${share} %${left === undefined ? '' : `  ${seconds(left * 1e6)} left`}`;
}
