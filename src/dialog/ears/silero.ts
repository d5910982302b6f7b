/**
 * Silero's voice activity detector, run by the pool that all sessions share.
 *
 * It hears 32 ms at a time, with the last 4 ms before them, and remembers the rest in a state that goes from hop to hop. Hops
 * of many sessions that wait at the same time are heard in one run.
 */
import { type InferenceResult, type Listener, type LoadedModel, sharedPool } from '../../inference/index.js';
import { type Detector, levelOf } from './detector.js';

const HOP = 512;
const CONTEXT = 64;
/** Hops of as many sessions are heard in one run. */
const BATCH = 16;
/** ms after which the answer is wanted: before the next hop is there, with room for the way. */
const WANTED_MS = 20;
/** Late is better than never, but not this late: ms after the hop was there. */
const PATIENCE_MS = 500;
/** Nothing that a microphone picks up is below this, dB of full scale: digital silence. */
const SILENCE = -80;
/**
 * After so many hops of it, a second, what is remembered does not change any more, and no further ones are heard. A network that
 * remembers nothing, or did not hear the silence before, is 100 ms later to believe in a soft beginning.
 */
const SETTLED = 32;

export type SileroModel = Pick<LoadedModel<InferenceResult, Listener>, 'infer'>;

/** Loads the model into the shared pool, once for all who listen. Throws TalkError as the pool does. */
export function loadSilero(listener: Listener): Promise<LoadedModel<InferenceResult, Listener>> {
  return sharedPool().load(listener);
}

export class SileroDetector implements Detector {
  readonly hop = HOP;
  readonly #model: SileroModel;
  readonly #signal: AbortSignal | undefined;
  /** The end of the hop before, then this one. */
  readonly #sound = new Float32Array(CONTEXT + HOP);
  readonly #state = new Float32Array(2 * 128);
  /** Hops of silence heard in a row. */
  #silent = 0;

  constructor(model: SileroModel, signal?: AbortSignal) {
    this.#model = model;
    this.#signal = signal;
  }

  /** Rejects as `infer` does; what was remembered is then as before the hop. */
  async hear(samples: Float32Array<ArrayBuffer>): Promise<number> {
    this.#sound.copyWithin(0, HOP);
    this.#sound.set(samples, CONTEXT);
    if (levelOf(samples) >= SILENCE) this.#silent = 0;
    else if (++this.#silent > SETTLED) return 0;
    const now = performance.now();
    const { speech, next } = await this.#model.infer({
      inputs: { sound: this.#sound, state: this.#state },
      deadline: now + WANTED_MS,
      expired: () => performance.now() > now + PATIENCE_MS,
      batch: BATCH,
      ...(this.#signal && { signal: this.#signal }),
    });
    // A copy: the row is a view of the whole batch's memory.
    this.#state.set(next as Float32Array);
    return speech?.[0] ?? 0;
  }

  reset(): void {
    this.#sound.fill(0);
    this.#state.fill(0);
    this.#silent = 0;
  }
}
