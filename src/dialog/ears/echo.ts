/**
 * Tells a voice from our own that comes back through loudspeaker, room and microphone: by what we play, band by band.
 *
 * How late it comes back is where the syllables of what is heard fit those of what was played: the levels less their mean of the
 * last quarter of a second, correlated over some seconds. How loud, is the median of the difference in each band. What is louder
 * than that by a margin in several bands at once is somebody else. Levels know nothing of phases, so a bad loudspeaker, a clock
 * that drifts and a codec on the way change little; the price is that who is softer than the echo is not heard.
 */
import type { Ns } from '../../element/time.js';
import { BANDS, SOFTEST, STEP } from './spectrum.js';

/** Steps that an echo may be late, way to the loudspeaker included: a second. */
const LAGS = 64;
/** What was played is kept a little longer. */
const KEPT = 128;
/** Memory of the correlation, in steps: three seconds. */
const MEMORY = 192;
/** Of the mean that is taken off: a quarter of a second, longer than a syllable. */
const SYLLABLE = 16;
/** From this correlation on it is an echo: chance makes up to 0.25 of other voices in the long run, and after n steps 6/n more. */
const ECHO = 0.45;
const CHANCE = 6;
/** What was taken for an echo and fits no better than this where it is not somebody else is none. */
const NONE = 0.25;
/** Another delay must be better by so much. */
const BETTER = 0.1;
/** Steps of loud sound over ours before it is known whether there is an echo: half a second, with nothing heard till then. */
const EVIDENCE = 32;
/** A room lets go of sound by this much a step, dB: 60 dB in 0.5 s. */
const DECAY = 2;
/** Somebody else is louder than the echo by more than it ever sways, dB, */
const MARGIN = 9;
/** in so many bands, */
const OTHERS = 4;
/** and than the room, dB. */
const OVER_ROOM = 8;
/** We are audible from here on, and so is what is heard, dB. */
const AUDIBLE = -65;
/** The floor of the room rises so much a step, dB: 3 a second. */
const RISE = 0.05;

const floor = (bands: Float64Array) => bands.reduce((most, level) => Math.max(most, level), SOFTEST);

export class Echo {
  /** What was played, by step: levels, and the same less their mean. */
  readonly #played = Array.from({ length: KEPT }, () => new Float64Array(BANDS).fill(SOFTEST));
  readonly #syllables = Array.from({ length: KEPT }, () => new Float64Array(BANDS));
  readonly #steps = new Float64Array(KEPT).fill(-1);
  readonly #playedMean = new Float64Array(BANDS).fill(SOFTEST);
  readonly #heardMean = new Float64Array(BANDS).fill(SOFTEST);
  /** Of each lag: products with what was heard, and squares of what was played. */
  readonly #products = new Float64Array(LAGS);
  readonly #squares = new Float64Array(LAGS);
  #heardSquares = 0;
  /** The same at the lag that is known, of what is not somebody else. */
  readonly #ours = { products: 0, played: 0, heard: 0, steps: 0 };
  #lag: number | undefined;
  /** Steps of loud sound over ours. */
  #evidence = 0;
  /** How much of us comes back, by band, dB; how often that was measured; and the floor of the room. */
  readonly #gain = new Float64Array(BANDS);
  #measured = 0;
  readonly #room = new Float64Array(BANDS).fill(0);

  /** How late we come back, ns; undefined while that is not known. */
  get delay(): Ns | undefined {
    return this.#lag === undefined ? undefined : this.#lag * STEP;
  }

  /** How well what is heard fits what was played at that delay, -1 to 1. */
  get fit(): number {
    const { products, played, heard } = this.#ours;
    return this.#lag === undefined || heard === 0 ? 0 : products / Math.sqrt(played * heard);
  }

  /** We play this. */
  played(bands: Float64Array, at: Ns): void {
    const step = Math.round(at / STEP);
    const slot = step % KEPT;
    this.#steps[slot] = step;
    this.#played[slot]?.set(bands);
    follow(this.#playedMean, bands, this.#syllables[slot]!);
  }

  /** This is heard: is anything in it somebody else's than ours? */
  heard(bands: Float64Array, at: Ns): boolean {
    const step = Math.round(at / STEP);
    const syllables = follow(this.#heardMean, bands, new Float64Array(BANDS));
    for (let b = 0; b < BANDS; b++) this.#room[b] = Math.min(bands[b]!, this.#room[b]! + RISE);
    if (!this.#audible(step)) return true;
    const loud = floor(bands) >= AUDIBLE;
    if (loud) {
      this.#correlate(step, syllables);
      if (this.#evidence < MEMORY) this.#evidence++;
      this.#decide();
    }
    if (this.#lag === undefined) return this.#evidence >= EVIDENCE;
    const others = this.#others(bands, step, this.#lag);
    if (loud && !others) this.#confirm(step - this.#lag, syllables);
    return others;
  }

  /** Whether any of what we played lately could be heard now. */
  #audible(step: number): boolean {
    for (let lag = 0; lag < LAGS; lag++) {
      const slot = (step - lag + KEPT) % KEPT;
      if (this.#steps[slot] === step - lag && floor(this.#played[slot]!) >= AUDIBLE) return true;
    }
    return false;
  }

  #correlate(step: number, heard: Float64Array): void {
    const kept = 1 - 1 / MEMORY;
    let squares = 0;
    for (let b = 0; b < BANDS; b++) squares += heard[b]! ** 2;
    this.#heardSquares = kept * this.#heardSquares + squares;
    for (let lag = 0; lag < LAGS; lag++) {
      const slot = (step - lag + KEPT) % KEPT;
      let [products, own] = [0, 0];
      if (this.#steps[slot] === step - lag) {
        const played = this.#syllables[slot]!;
        for (let b = 0; b < BANDS; b++) {
          products += played[b]! * heard[b]!;
          own += played[b]! ** 2;
        }
      }
      this.#products[lag] = kept * this.#products[lag]! + products;
      this.#squares[lag] = kept * this.#squares[lag]! + own;
    }
  }

  #correlation(lag: number): number {
    const both = Math.sqrt(this.#squares[lag]! * this.#heardSquares);
    return both > 0 ? this.#products[lag]! / both : 0;
  }

  #decide(): void {
    if (this.#evidence < EVIDENCE / 2) return;
    const enough = ECHO + CHANCE / this.#evidence;
    let best = 0;
    for (let lag = 1; lag < LAGS; lag++) if (this.#correlation(lag) > this.#correlation(best)) best = lag;
    const fit = this.#correlation(best);
    if (fit < enough || (this.#lag !== undefined && fit < this.#correlation(this.#lag) + BETTER)) return;
    this.#lag = best;
    this.#measured = 0;
    Object.assign(this.#ours, { products: 0, played: 0, heard: 0, steps: 0 });
  }

  /** Does what seems to be ours go up and down as it should? If not, it is no echo. */
  #confirm(step: number, heard: Float64Array): void {
    const slot = (step + KEPT) % KEPT;
    if (this.#steps[slot] !== step) return;
    const kept = 1 - 1 / MEMORY;
    const played = this.#syllables[slot]!;
    const ours = this.#ours;
    let [products, own, square] = [0, 0, 0];
    for (let b = 0; b < BANDS; b++) {
      products += played[b]! * heard[b]!;
      own += played[b]! ** 2;
      square += heard[b]! ** 2;
    }
    ours.products = kept * ours.products + products;
    ours.played = kept * ours.played + own;
    ours.heard = kept * ours.heard + square;
    if (++ours.steps >= EVIDENCE && this.fit < NONE) this.#lag = undefined;
  }

  #others(bands: Float64Array, step: number, lag: number): boolean {
    let others = 0;
    const pace = Math.max(0.2, 6 / (1 + this.#measured / 4));
    let measured = false;
    for (let b = 0; b < BANDS; b++) {
      const level = bands[b]!;
      const played = this.#cameBack(b, step - lag);
      if (level < this.#room[b]! + OVER_ROOM) continue;
      if (level > played + this.#gain[b]! + MARGIN) others++;
      if (played < AUDIBLE) continue;
      // Steps up as often as down: at the median.
      this.#gain[b] = this.#gain[b]! + (level > played + this.#gain[b]! ? pace : -pace);
      measured = true;
    }
    if (measured) this.#measured++;
    return others >= OTHERS;
  }

  /** How loud a band was played at a step or, less as the room lets go of it, before; one step early, for it lies between two. */
  #cameBack(band: number, step: number): number {
    let most = SOFTEST;
    for (let before = -1; before < 24; before++) {
      const at = step - before;
      const slot = (at + KEPT) % KEPT;
      if (this.#steps[slot] !== at) continue;
      most = Math.max(most, this.#played[slot]![band]! - DECAY * Math.max(0, before - 1));
    }
    return most;
  }
}

/** Moves a mean on; what is left without it goes into `rest`. */
function follow(mean: Float64Array, bands: Float64Array, rest: Float64Array): Float64Array {
  for (let b = 0; b < BANDS; b++) {
    const level = Math.max(bands[b]!, AUDIBLE - 10);
    mean[b] = mean[b]! + (level - mean[b]!) / SYLLABLE;
    rest[b] = level - mean[b]!;
  }
  return rest;
}
