/** How long a service that asks for a pause is waited for, and the waiting. */
import type { TalkError } from '../element/error.js';

/** Longest pause before another try that a listener bears, ms, whatever a service asks for. */
export const LONGEST_PAUSE = 3_000;

/** The pause a service asked for with its refusal (`Retry-After`), ms; 0 where it asked for none. */
export function askedPause({ details }: TalkError): number {
  return Number(details['retryAfterMs'] ?? 0);
}

/** Waits so long, ms, or until a signal aborts; never rejects. Leaves no timer and no listener behind. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    if (signal.aborted) over();
    else signal.addEventListener('abort', over, { once: true });
  });
}
