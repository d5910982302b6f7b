/** What a source of speech takes, and what it refuses. */
import { TalkError } from '../element/index.js';

/** Characters one utterance may have. */
export const LONGEST = 1_000_000;

/** Why something is not said; undefined when it may be. `waiting` utterances wait, `most` may. */
export function refusal(text: unknown, waiting: number, most: number): TalkError | undefined {
  if (typeof text === 'string' && text.length > LONGEST) {
    const message = `Expected at most ${LONGEST} characters to say but received ${text.length}.`;
    return new TalkError('resource/quota', message);
  }
  if (waiting < most) return undefined;
  const message = `Expected at most ${most} utterances to wait. Cut, or say more later.`;
  return new TalkError('resource/quota', message, { retryable: true });
}

/** `25/1` or `30`. Throws a TypeError that says what was expected. */
export function parseFramerate(text: string): { num: number; den: number } {
  const match = /^(\d+)(?:\/(\d+))?$/.exec(text);
  const [num, den] = [Number(match?.[1]), Number(match?.[2] ?? 1)];
  if (!match || num < 1 || den < 1)
    throw new TypeError(`Expected a fraction like 25/1 for framerate but received "${text}".`);
  return { num, den };
}

/** Why an utterance could not be said: the error itself, or that of the voice when it is none of ours. */
export function voiceFailure(error: unknown): TalkError {
  if (error instanceof TalkError) return error;
  return new TalkError('stream/failed', 'The voice failed.', { cause: error });
}
