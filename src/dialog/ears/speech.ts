/**
 * Where speech begins and ends, of how likely it is hop by hop.
 *
 * Two thresholds keep a likelihood that hovers from chattering. Speech is told when it has lasted for a moment, so that a click
 * is none; silence when it has, so that the stop before a `t` is none. Both are told with the time at which they began, which is
 * before the time at which they are known.
 */
import { MS, ms, type Ns } from '../../element/time.js';

export interface SpeechSettings {
  /** From this likelihood on it is speech, 0 to 1. */
  readonly threshold: number;
  /** ms of it until it is told. */
  readonly minSpeech: number;
  /** ms without it until the end is told. */
  readonly minSilence: number;
}

/** A change: who was silent speaks, or the other way round. */
export interface SpeechChange {
  readonly state: 'speech' | 'silence';
  /** When it began: the first hop of speech, or the end of the last one. */
  readonly pts: Ns;
  /** When it was known: the end of the hop that made it so. */
  readonly at: Ns;
}

/** Speech goes on as long as it is no less likely than this much below the threshold (Silero's own number). */
const HYSTERESIS = 0.15;
/** A hop that is as likely as this counts twice: nothing but a voice makes two of them in a row. */
const CERTAIN = 0.9;

export class SpeechStates {
  readonly #settings: SpeechSettings;
  #speaking = false;
  /** Since when the other state lasts; undefined when it does not. */
  #since: Ns | undefined;
  /** Of it, ns that count. */
  #lasted: Ns = 0;

  constructor(settings: SpeechSettings) {
    this.#settings = settings;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** A hop from `pts`, `length` ns long, and how likely it is speech. */
  hop(likelihood: number, pts: Ns, length: Ns): SpeechChange | undefined {
    const { threshold, minSpeech, minSilence } = this.#settings;
    const speech = likelihood >= (this.#speaking ? threshold - HYSTERESIS : threshold);
    if (speech === this.#speaking) {
      this.#since = undefined;
      return undefined;
    }
    if (this.#since === undefined) {
      this.#since = pts;
      this.#lasted = 0;
    }
    const at = pts + length;
    this.#lasted += speech && likelihood >= CERTAIN ? 2 * length : length;
    // Half a millisecond less: lengths are rounded.
    if (this.#lasted + MS / 2 < ms(speech ? minSpeech : minSilence)) return undefined;
    return this.#become(speech, this.#since, at);
  }

  /** The sound has ended or jumped: who was speaking is silent from `pts` on. */
  end(pts: Ns): SpeechChange | undefined {
    this.#since = undefined;
    return this.#speaking ? this.#become(false, pts, pts) : undefined;
  }

  #become(speech: boolean, pts: Ns, at: Ns): SpeechChange {
    this.#speaking = speech;
    this.#since = undefined;
    return { state: speech ? 'speech' : 'silence', pts, at };
  }
}
