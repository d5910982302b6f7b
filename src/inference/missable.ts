import { TalkError } from '../element/error.js';

/** A frame may be missed without harm: too late, too much to do, or the thread died and another one takes over. */
export function isMissable(error: unknown): error is TalkError {
  if (!(error instanceof TalkError)) return false;
  const { code, retryable, details } = error;
  return code === 'resource/busy' || details['expired'] === true || (code === 'library/failed' && retryable);
}
