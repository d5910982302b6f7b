/** What sessions of strangers are bounded by, besides their number. */
import type { Session } from './session.js';

/** 0 of the first three: any. */
export interface Bounds {
  /** Sessions of one client at once, those included that it waits for. */
  readonly perClient: number;
  /** ms for which nothing is said, asked or heard, until a session ends. */
  readonly idleMs: number;
  /** ms after which it ends whatever is going on. */
  readonly longestMs: number;
  /** ms that a session waits for its first viewer before its place may be another client's, see unmet.ts. */
  readonly graceMs: number;
}

/** ms; connecting takes one or two, with a relay on a bad line some more. */
export const GRACE = 5000;

export const UNBOUNDED: Bounds = { perClient: 0, idleMs: 0, longestMs: 0, graceMs: GRACE };

/** Ends a session when it has lasted long enough, or nobody has spoken in it for long. */
export function limitLife(
  session: Pick<Session, 'events' | 'speaking' | 'close'>,
  { idleMs, longestMs }: Pick<Bounds, 'idleMs' | 'longestMs'>,
): void {
  let [longest, idle]: (NodeJS.Timeout | undefined)[] = [];
  if (longestMs > 0)
    longest = setTimeout(
      () => void session.close('it has lasted as long as sessions may here'),
      longestMs,
    ).unref();
  const wait = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (session.speaking) wait();
      else void session.close('nobody has spoken in it for long');
    }, idleMs).unref();
  };
  if (idleMs > 0) {
    wait();
    session.events.on('command', wait);
  }
  session.events.on('event', (event) => {
    if (event.type !== 'state') {
      if (idleMs > 0) wait();
    } else if (event.state === 'ended') for (const timer of [longest, idle]) clearTimeout(timer);
  });
}
