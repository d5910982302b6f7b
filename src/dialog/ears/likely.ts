/**
 * What may become speech: told from the first hop that is not unlikely, long before it has lasted, so that who is speaking can
 * stop for a moment. It becomes speech, or it is told that it was nothing.
 *
 * Sounds that begin a word, an s or an h, are for 100 ms and more as likely a noise; by then the room is silent already.
 */
import { ms, type Ns } from '../../element/time.js';

/** A change of what may become speech. `pts`: when it began. `at`: when that was known. */
export interface LikelyChange {
  readonly state: 'likely' | 'unlikely';
  readonly pts: Ns;
  readonly at: Ns;
}

/** So long below the threshold, and it was nothing: no consonant is followed by so long a stop. ms. */
const GONE = 64;
/** What has not become speech by now does not. ms. */
const LONGEST = 320;
/** After nothing there is nothing for so long: a noise that comes again and again does not make us stammer. ms. */
const PAUSE = 300;

export class Likely {
  readonly #threshold: number;
  /** When what is likely began; undefined while nothing is. */
  #since: Ns | undefined;
  /** When it last was likely. */
  #last: Ns = 0;
  #quietUntil: Ns = Number.NEGATIVE_INFINITY;

  /** @param threshold likelihood from which on a hop may belong to speech, 0 to 1; 0: nothing is ever told */
  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  /** A hop from `pts` to `at` that is so likely speech; `speaking`: it is known to be. */
  hop(likelihood: number, speaking: boolean, pts: Ns, at: Ns): LikelyChange | undefined {
    if (this.#threshold === 0) return undefined;
    if (speaking) {
      this.#since = undefined;
      return undefined;
    }
    const likely = likelihood >= this.#threshold;
    if (likely) this.#last = at;
    if (this.#since === undefined) {
      if (!likely || pts < this.#quietUntil) return undefined;
      this.#since = pts;
      return { state: 'likely', pts, at };
    }
    if (at - this.#last < ms(GONE) && at - this.#since < ms(LONGEST)) return undefined;
    return this.end(at);
  }

  /** The sound has ended or jumped: what was likely was nothing. */
  end(at: Ns): LikelyChange | undefined {
    if (this.#since === undefined) return undefined;
    const pts = this.#since;
    this.#since = undefined;
    this.#quietUntil = at + ms(PAUSE);
    return { state: 'unlikely', pts, at };
  }
}
