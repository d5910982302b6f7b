/**
 * One turn being heard: its sound, kept until its words are there, and the recogniser that is asked, again where the first time failed.
 *
 * A recogniser that goes away in the middle of a turn is asked anew, after a pause that doubles, and hears the turn from its
 * beginning; nothing of what was said is lost as long as it comes back in time.
 */
import { TalkError, toTalkError } from '../../element/error.js';
import { pause } from '../../service/patience.js';
import type { Recogniser, RecogniserSettings, TurnSound } from './recogniser.js';

export interface HearingLimits {
  /** ms from the end of the turn until its words must be there. */
  readonly finishMs: number;
  /** ms until the first new try; doubles with each, up to `longestPauseMs`. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

export const HEARING_LIMITS: HearingLimits = { finishMs: 8000, pauseMs: 200, longestPauseMs: 3000 };

/** Samples that a turn may have; what comes then is left out. 60 s at 16 kHz, 2 MB. */
const MOST = 60 * 16_000;

/** The sound of a turn as it comes, for any number of readers from the beginning. */
export class Recording implements TurnSound {
  readonly #pieces: Int16Array[] = [];
  #length = 0;
  #ended = false;
  #waiting: (() => void)[] = [];

  get samples(): number {
    return this.#length;
  }

  /** Takes a copy. */
  push(samples: Int16Array): void {
    const kept = samples.slice(0, Math.max(0, MOST - this.#length));
    if (this.#ended || kept.length === 0) return;
    this.#pieces.push(kept);
    this.#length += kept.length;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The same sound so far, which goes on by itself; nothing is copied. */
  copy(): Recording {
    const copy = new Recording();
    copy.#pieces.push(...this.#pieces);
    copy.#length = this.#length;
    return copy;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Int16Array, void, undefined> {
    for (let at = 0; ; ) {
      const piece = this.#pieces[at];
      if (piece !== undefined) {
        at++;
        yield piece;
      } else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export interface HearingRequest {
  readonly recogniser: Recogniser;
  readonly settings: RecogniserSettings;
  readonly signal: AbortSignal;
  readonly partial: (text: string) => void;
  /** Told of each try that failed and will be repeated. */
  readonly failed: (error: TalkError) => void;
  readonly limits?: Partial<HearingLimits>;
  /** What was heard of it already. */
  readonly recording?: Recording;
}

export class Hearing {
  readonly recording: Recording;
  /** The words of the turn. Rejects with TalkError when there will be none; an abort makes it resolve to nothing. */
  readonly words: Promise<string>;
  readonly #limits: HearingLimits;
  readonly #over = new AbortController();
  #late: TalkError | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: HearingRequest) {
    this.#limits = { ...HEARING_LIMITS, ...request.limits };
    this.recording = request.recording ?? new Recording();
    this.words = this.#listen(request).finally(() => clearTimeout(this.#timer));
    // Whoever awaits it is told; before that nobody has to.
    this.words.catch(() => undefined);
  }

  push(samples: Int16Array): void {
    this.recording.push(samples);
  }

  /** The turn is over: its words are waited for, so long. */
  end(): void {
    this.recording.end();
    const { finishMs } = this.#limits;
    this.#timer ??= setTimeout(() => {
      this.#late = new TalkError(
        'resource/unreachable',
        `What was said was not understood within ${finishMs / 1000} s.`,
        { retryable: true, details: { limitMs: finishMs } },
      );
      this.#over.abort();
    }, finishMs);
  }

  async #listen({ recogniser, settings, signal, partial, failed }: HearingRequest): Promise<string> {
    const both = AbortSignal.any([signal, this.#over.signal]);
    const { pauseMs, longestPauseMs } = this.#limits;
    for (let wait = pauseMs; ; wait = Math.min(2 * wait, longestPauseMs)) {
      try {
        const heard = recogniser.recognise({ sound: this.recording, settings, signal: both, partial });
        return await abortable(heard, both);
      } catch (thrown) {
        if (signal.aborted) return '';
        const error = toTalkError(thrown);
        if (this.#late !== undefined) throw this.#late;
        if (!error.retryable) throw error;
        failed(error);
        await pause(wait, both);
        if (signal.aborted) return '';
        if (this.#late !== undefined) throw error;
      }
    }
  }
}

/** A promise that does not outlast a signal. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
