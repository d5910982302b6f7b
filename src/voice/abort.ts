/** What came first: the promise's value, the time limit, or the abort. */
export type Step<T> = T | 'late' | 'aborted';

/**
 * Waits for a promise no longer than `limitMs` (undefined: no limit) and no longer than until the signal aborts. Leaves no timer and no
 * listener behind. A promise that loses the race is still looked after: its rejection is dropped, because whoever aborted has already
 * decided that nobody wants its result.
 */
export async function within<T>(
  promise: Promise<T>,
  limitMs: number | undefined,
  signal: AbortSignal,
): Promise<Step<T>> {
  promise.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const given: Promise<Step<T>>[] = [promise];
  given.push(
    new Promise((resolve) => {
      onAbort = () => resolve('aborted');
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      if (limitMs !== undefined) timer = setTimeout(resolve, limitMs, 'late');
    }),
  );
  try {
    return await Promise.race(given);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
