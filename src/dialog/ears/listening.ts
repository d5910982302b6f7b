/** Sound in, changes between speech and silence out: cutter, detector and states in one. */
import { framesToNs, ms, type Ns } from '../../element/time.js';
import { type Detector, EAR_RATE, levelOf } from './detector.js';
import { EnergyDetector } from './energy.js';
import { type Hop, Hops } from './hops.js';
import { Likely, type LikelyChange } from './likely.js';
import type { OwnVoice } from './ownvoice.js';
import { type SpeechChange, type SpeechSettings, SpeechStates } from './speech.js';

export interface ListeningSettings extends SpeechSettings {
  /** What is not this loud is no speech, dB of full scale: somebody in the next room. */
  readonly minLevel: number;
  /** From this likelihood on it may become speech, 0 to 1; 0 or nothing: that is not told. */
  readonly likely?: number;
  /** Knows what we play: where nothing else is heard it is no speech. */
  readonly own?: OwnVoice | undefined;
}

/** What is told: what is known, and what may be. */
export type HeardChange = SpeechChange | LikelyChange;

/** Told when the detector could not hear a hop; throws what is not to be got over. */
export type Missed = (error: unknown) => void;

/** A network that knows voices hears one for about 100 ms after it has ended; what was quiet before that was a soft end. ms. */
const ECHOES = 128;
/** A hop is loud when its level alone makes it this likely speech: 8 dB above the floor. */
const LOUD = 0.15;

export class Listening {
  readonly #detector: Detector;
  readonly #settings: ListeningSettings;
  readonly #missed: Missed;
  /** Hears along, to step in. */
  readonly #spare = new EnergyDetector();
  readonly #hops: Hops;
  readonly #states: SpeechStates;
  readonly #likely: Likely;
  readonly #length: Ns;
  /** Where the last hop ended; the last one that was loud; and where the last speech began. */
  #end: Ns = 0;
  #loud: Ns = 0;
  #begun: Ns = 0;

  constructor(detector: Detector, settings: ListeningSettings, missed: Missed) {
    this.#detector = detector;
    this.#settings = settings;
    this.#missed = missed;
    this.#hops = new Hops(detector.hop, EAR_RATE);
    this.#states = new SpeechStates(settings);
    this.#likely = new Likely(settings.likely ?? 0);
    this.#length = framesToNs(detector.hop, EAR_RATE);
  }

  get speaking(): boolean {
    return this.#states.speaking;
  }

  /** Takes samples in order; gives the changes that they make known. */
  async *push(samples: Int16Array, pts: Ns | undefined): AsyncGenerator<HeardChange, void, undefined> {
    for (const hop of this.#hops.push(samples, pts)) {
      if (hop.jump) {
        this.#detector.reset();
        this.#spare.reset();
        yield* this.finish();
      }
      const likelihood = await this.#hear(hop);
      this.#end = hop.pts + this.#length;
      const change = this.#states.hop(likelihood, hop.pts, this.#length);
      const likely = this.#likely.hop(likelihood, this.speaking, hop.pts, this.#end);
      if (likely !== undefined) yield likely;
      if (change !== undefined) yield this.#told(change);
    }
  }

  /** The end of the stream, or of a piece of it: the changes that it makes. */
  *finish(): Generator<HeardChange, void, undefined> {
    const nothing = this.#likely.end(this.#end);
    if (nothing !== undefined) yield nothing;
    const ended = this.#states.end(this.#end);
    if (ended !== undefined) yield ended;
  }

  /** A change as it is told: speech has ended where it was last loud, not where the detector had forgotten it. */
  #told(change: SpeechChange): SpeechChange {
    if (change.state === 'speech') {
      this.#begun = change.pts;
      return change;
    }
    const end = Math.max(this.#loud, this.#begun, change.pts - ms(ECHOES));
    return { ...change, pts: Math.min(change.pts, end) };
  }

  async #hear({ samples, pts }: Hop): Promise<number> {
    const others = this.#settings.own?.hear(samples, pts) ?? true;
    const byLevel = this.#spare.hear(samples);
    if (byLevel >= LOUD) this.#loud = pts + this.#length;
    // Asked about soft hops, too, so that the detector knows what came before when it becomes loud.
    const likelihood = await this.#ask(samples, byLevel);
    if (!others) return 0;
    return levelOf(samples) < this.#settings.minLevel && !this.#states.speaking ? 0 : likelihood;
  }

  async #ask(samples: Float32Array<ArrayBuffer>, byLevel: number): Promise<number> {
    try {
      return await this.#detector.hear(samples);
    } catch (error) {
      this.#missed(error);
      return byLevel;
    }
  }
}
