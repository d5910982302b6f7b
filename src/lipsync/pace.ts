import type { Fields } from '../element/frame.js';
import type { LogFields } from '../element/log.js';
import { framesToNs, type Ns } from '../element/time.js';
import { type LoadedModel, latencyOf } from '../inference/index.js';
import { type Every, RUNGS, rungFor, tooSlow } from './ladder.js';

/** The element whose pace it is. */
interface Paced {
  readonly pipelineLatency: Ns;
  runningTime(): Ns | undefined;
  setLatency(latency: { min: Ns; max: Ns }): void;
  post(name: string, fields: Fields): void;
  warn(message: string): void;
  readonly log: { info(message: string, fields: LogFields): void };
}

type Model = Pick<LoadedModel<unknown>, 'manifest' | 'provider' | 'timing' | 'speakers'>;

/**
 * Every how many-th mouth of a session is inferred: what this machine keeps up with, for as many as speak with the model.
 *
 * It is looked at anew when somebody begins to speak, so a step never falls into a word. What is declared as latency only
 * grows: to take it back would make sinks jump for nothing.
 */
export class Pace {
  readonly #of: Paced;
  readonly #rate: 'auto' | keyof typeof RUNGS;
  /** Frames that may wait. */
  readonly #queue: number;
  readonly #me = {};
  #model: Model | undefined;
  #framerate = 25;
  #every: Every = 1;
  #latency: Ns = -1;
  #told: Every = 1;
  #warned = false;

  constructor(of: Paced, rate: 'auto' | keyof typeof RUNGS, queue: number) {
    this.#of = of;
    this.#rate = rate;
    this.#queue = queue;
  }

  /** What is inferred at this moment: what has time is rendered as well as can be. */
  get now(): Every {
    return this.#rate === 'auto' && this.#of.pipelineLatency === 0 ? 1 : this.#every;
  }

  /** Another model, or frame rate. */
  set(model: Model, framerate = this.#framerate): void {
    const speaks = this.#model?.speakers.delete(this.#me) === true;
    this.#model = model;
    if (framerate !== this.#framerate) this.#latency = -1;
    this.#framerate = framerate;
    if (speaks) model.speakers.add(this.#me);
    this.#choose(model);
  }

  /** Somebody begins to speak; true where another step is taken. */
  speak(): boolean {
    const before = this.#every;
    this.#model?.speakers.add(this.#me);
    if (this.#model !== undefined) this.#choose(this.#model);
    return this.#every !== before;
  }

  /** Nobody speaks here any more. */
  rest(): void {
    this.#model?.speakers.delete(this.#me);
  }

  /** Says, where pictures have their time, what this machine makes of them, whenever that changes. */
  tell(): void {
    const live = this.#of.pipelineLatency > 0;
    if (this.#model === undefined || !(live || (this.#rate !== 'auto' && this.#every > 1))) return;
    const { manifest, provider, timing, speakers } = this.#model;
    const [every, wanted, rows] = [this.#every, this.#framerate, timing.rows];
    const sharing = Math.max(1, speakers.size);
    if (every !== this.#told) {
      this.#told = every;
      const facts = { every, model: manifest.name, rows, wanted, speakers: sharing };
      this.#of.post('mouth-rate', facts);
      const what =
        every > 1 ? 'some mouths are inferred, those between are blended' : 'all mouths are inferred';
      this.#of.log.info(what, facts);
    }
    if (!live || this.#warned || rows / sharing >= wanted / every) return;
    this.#warned = true;
    this.#of.warn(tooSlow({ model: manifest.name, provider, rows: rows / sharing }, wanted, every));
  }

  /**
   * When the patch of a frame is wanted, on the wall clock for the order of work and on the pipeline's for giving up: frames
   * between want it earlier, but late for them it is still in time for its own.
   */
  deadline(pts: Ns): { deadline: number; expired: () => boolean } | Record<string, never> {
    const now = this.#of.runningTime();
    const latency = this.#of.pipelineLatency;
    if (now === undefined || latency === 0) return {};
    const earlier = framesToNs(this.#every - 1, this.#framerate);
    return {
      deadline: performance.now() + (pts - earlier + latency - now) / 1e6,
      expired: () => (this.#of.runningTime() ?? 0) > pts + latency,
    };
  }

  #choose({ timing, speakers }: Model): void {
    const rows = timing.rows / Math.max(1, speakers.size);
    this.#every = this.#rate === 'auto' ? rungFor(rows, this.#framerate) : RUNGS[this.#rate];
    // A frame between waits for the next inferred one.
    const min = latencyOf(timing) + framesToNs(this.#every - 1, this.#framerate);
    if (min <= this.#latency) return;
    this.#latency = min;
    this.#of.setLatency({ min, max: min + framesToNs(this.#queue, this.#framerate) });
  }
}
