/**
 * One request, with the patience of a listener: deadlines, the cache, and the one retry.
 *
 * Whether an error is worth a second try is said by the error (`retryable`), decided where its cause is known; that there is exactly one,
 * and only while nothing was heard yet, is decided here. An engine that always gives the same samples may also be asked
 * again in mid-sentence: what was already heard is skipped.
 */
import { TalkError } from '../element/error.js';
import { askedPause, LONGEST_PAUSE, pause } from '../service/patience.js';
import { within } from './abort.js';
import { cacheKey, type SpeechCache } from './cache.js';
import type { SpeechPiece, SynthesisRequest, VoiceEngine } from './engine.js';
import { tellFirstSound } from './firstsound.js';

/** Milliseconds an engine is waited for. */
const PATIENCE = 10_000;

/** The pieces of a request. Ends quietly when its signal aborts; throws TalkError when it failed for good. */
export async function* attempt(
  engine: VoiceEngine,
  request: SynthesisRequest,
  cache: SpeechCache,
): AsyncGenerator<SpeechPiece, void, undefined> {
  const key = (engine.info.cache ?? engine.info.repeatable) ? cacheKey(engine, request) : undefined;
  const known = key === undefined ? undefined : cache.get(key);
  if (known !== undefined) {
    yield* known;
    return;
  }
  let kept: SpeechPiece[] | undefined = key === undefined ? undefined : [];
  let bytes = 0;
  let heard = 0;
  for (let tries = 0; ; tries++) {
    try {
      for await (const piece of skip(once(engine, request), tries > 0 ? heard : 0)) {
        heard += piece.samples.length;
        bytes += piece.samples.byteLength;
        if (kept !== undefined && !cache.fits(bytes)) kept = undefined;
        kept?.push(piece);
        yield piece;
      }
      break;
    } catch (cause) {
      if (request.signal.aborted) return;
      const error = named(cause, engine);
      const again = error.retryable && tries === 0 && (heard === 0 || engine.info.repeatable);
      if (!again) throw error;
      const asked = askedPause(error);
      if (asked > 0) await pause(Math.min(asked, LONGEST_PAUSE), request.signal);
    }
  }
  if (key !== undefined && kept !== undefined && heard > 0 && !request.signal.aborted) cache.set(key, kept);
}

/** One call of the engine; throws when it is slower than its patience. Whatever the reason to stop, the engine's work is told to. */
async function* once(
  engine: VoiceEngine,
  request: SynthesisRequest,
): AsyncGenerator<SpeechPiece, void, undefined> {
  const work = new AbortController();
  const stop = (): void => work.abort();
  if (request.signal.aborted) return;
  request.signal.addEventListener('abort', stop, { once: true });
  const asked = performance.now();
  const pieces = engine.synthesize({ ...request, signal: work.signal })[Symbol.asyncIterator]();
  let first = true;
  try {
    for (;;) {
      const limit = (first ? engine.info.firstByteMs : engine.info.stallMs) ?? PATIENCE;
      const watched = engine.info.watchesItself === true;
      const step = await within(pieces.next(), watched ? undefined : limit, work.signal);
      if (step === 'aborted') return;
      if (step === 'late') {
        throw new TalkError(
          'resource/unreachable',
          `The voice ${engine.name} gave no sound for ${limit / 1000} s.`,
          {
            retryable: true,
            details: { engine: engine.name, limitMs: limit, first },
          },
        );
      }
      if (step.done === true) return;
      if (first) tellFirstSound(engine.name, performance.now() - asked);
      first = false;
      yield step.value;
    }
  } finally {
    work.abort();
    request.signal.removeEventListener('abort', stop);
    // Not awaited: a cut must not wait for an engine to notice. It was told to stop; what it says after that interests nobody.
    pieces.return?.()?.catch(() => undefined);
  }
}

/** An error of ours as it is; anything else is a fault in the engine and says whose. */
function named(cause: unknown, engine: VoiceEngine): TalkError {
  if (cause instanceof TalkError) return cause;
  return new TalkError('library/failed', `The voice engine ${engine.name} failed.`, {
    cause,
    debug: String(cause),
  });
}

/** Leaves out the first samples. */
async function* skip(
  pieces: AsyncIterable<SpeechPiece>,
  count: number,
): AsyncGenerator<SpeechPiece, void, undefined> {
  let left = count;
  for await (const piece of pieces) {
    const gone = Math.min(left, piece.samples.length);
    left -= gone;
    if (gone === 0) yield piece;
    else if (gone < piece.samples.length) yield { rate: piece.rate, samples: piece.samples.subarray(gone) };
  }
}
