/** The clock of a pipeline. */
import { TalkError } from '../element/error.js';
import { native } from '../native.js';
import type { Core } from './core.js';
import { unexpected } from './errors.js';

/**
 * Reads the clock a pipeline runs on. With `{clock: 'test'}` it stands still at 0 until it is moved by hand; sinks and
 * live sources then wait for you, which is how a test makes time pass without sleeping.
 */
export class PipelineClock {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Its time in ns; undefined before a clock is selected (on the way to PLAYING). */
  get time(): number | undefined {
    return native.clockInfo(this.#core.native())?.time;
  }

  /** Name of the clock, as `GstSystemClock` or an audio device's. */
  get name(): string | undefined {
    return native.clockInfo(this.#core.native())?.name;
  }

  /** Test clock: moves on by `ns` and ends the waits that are due then. */
  advance(ns: number): void {
    this.set((this.time ?? 0) + ns);
  }

  /** Test clock: moves to `ns`. Time never goes back. */
  set(ns: number): void {
    this.#check();
    if (!Number.isFinite(ns) || !native.clockSet(this.#core.native(), ns))
      throw unexpected(`a time from ${this.time} ns on`, 'the test clock', ns);
  }

  /** Test clock: how many elements wait for it now. */
  waiting(): number {
    this.#check();
    return native.clockWaiting(this.#core.native());
  }

  /** Test clock: the earliest time somebody waits for; undefined when nobody does. */
  next(): number | undefined {
    this.#check();
    return native.clockNext(this.#core.native());
  }

  /** Test clock: resolves once `count` elements wait. Rejects when the pipeline is stopped first. */
  async waitFor(count: number): Promise<void> {
    await this.#wait(count, false);
  }

  /** Test clock: waits until somebody waits, goes to that time, ends that wait; resolves with the new time. */
  crank(): Promise<number> {
    return this.#wait(1, true);
  }

  async #wait(count: number, process: boolean): Promise<number> {
    this.#check();
    const time = await native.clockWait(this.#core.native(), count, process);
    if (time !== undefined) return time;
    throw new TalkError('core/state-change', 'The pipeline was stopped while the clock was waited for.');
  }

  #check(): void {
    if (native.clockInfo(this.#core.native())?.test === true) return;
    throw new TalkError(
      'core/clock',
      `The pipeline "${this.#core.name}" has no test clock; launch it with clock: 'test'.`,
    );
  }
}
