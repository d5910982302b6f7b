/**
 * Hears speech by its level alone: without a model, for a few microseconds a second, and wrongly wherever something else is loud.
 *
 * The floor is what the quietest moments are: it falls at once and rises slowly, so that a sentence does not lift it but a
 * fan that was switched on does, in some seconds. What stands well above it is taken for speech.
 */
import { type Detector, EAR_RATE, levelOf } from './detector.js';

/** 20 ms: the shortest time over which the level of a low voice does not swing with each beat of its cords. */
const HOP = 320;
/** The floor rises by this much a second, dB. */
const RISE = 3;
/** And is never below this, dB: the noise of a good microphone in a quiet room. */
const LOWEST = -65;
/** What is this far above the floor is as likely speech as not, and so far around it the likelihood goes from 0 to 1. dB. */
const MIDDLE = 12;
const WIDTH = 6;

export class EnergyDetector implements Detector {
  readonly hop = HOP;
  #floor: number | undefined;

  hear(samples: Float32Array): number {
    const level = Math.max(levelOf(samples), LOWEST);
    const floor = Math.min(level, (this.#floor ?? level) + (RISE * samples.length) / EAR_RATE);
    // A stream that begins in the middle of a word has that word for its floor until the first pause.
    this.#floor = Math.max(floor, LOWEST);
    return Math.min(1, Math.max(0, 0.5 + (level - this.#floor - MIDDLE) / (2 * WIDTH)));
  }

  reset(): void {
    this.#floor = undefined;
  }
}
