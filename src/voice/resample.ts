/**
 * Exact sample-rate conversion for speech, streaming.
 *
 * A polyphase windowed sinc: out sample n sits at input time n·M/L (rates in lowest terms), so positions of marks scale exactly and
 * the total is round(total in · L/M), to the sample, however the input was cut. The filter is symmetric and its delay is taken
 * out, which costs 48 input samples of waiting (3 ms at 16 kHz) and nothing of time. Kaiser window, 90 dB (Kaiser 1974: beta and
 * transition width); flat to 0.88 of the lower Nyquist frequency, stopped at it. Every phase sums to one, so a constant stays itself.
 *
 * Own code because GStreamer's converter would need a pipeline per sentence, and the small packages on npm resample
 * whole files or drop the tail. Cost: 96 multiplications per sample made, in C++ about 0.3 ms per second of 24 kHz
 * speech; in JS it was 6, and a voice is many times faster than speech, so it held everybody up.
 */
import { native } from '../native.js';

const HALF = 48;
const STOP_DB = 90;
const BETA = 0.1102 * (STOP_DB - 8.7);
/** Phases kept for ratios too odd for one phase per position; between two of them the filter is interpolated. */
const MAX_PHASES = 1024;
const KEPT_BANKS = 8;

interface Bank {
  readonly taps: number;
  readonly phases: number;
  readonly table: Float32Array;
}

const banks = new Map<string, Bank>();

/** Converts 16-bit mono sound from one rate to another. Rates are whole numbers of samples per second. */
export class Resampler {
  readonly from: number;
  readonly to: number;
  readonly #up: number;
  readonly #down: number;
  readonly #bank: Bank | undefined;
  #window = new Float32Array(0);
  #windowStart = 0;
  #taken = 0;
  #made = 0;
  #clipped = 0;

  constructor(from: number, to: number) {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 1 || to < 1) {
      throw new TypeError(`Expected whole sample rates for from and to but received ${from} and ${to}.`);
    }
    const divisor = gcd(from, to);
    this.from = from;
    this.to = to;
    this.#up = to / divisor;
    this.#down = from / divisor;
    if (from !== to) {
      this.#bank = bankFor(this.#up, this.#down);
      const before = this.#bank.taps / 2 - 1;
      this.#window = new Float32Array(before);
      this.#windowStart = -before;
    }
  }

  /** Samples taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Samples made so far. */
  get made(): number {
    return this.#made;
  }

  /** Samples that would not have fitted into 16 bits and were held at the limit. */
  get clipped(): number {
    return this.#clipped;
  }

  /** Where input sample `position` (fractions allowed) lies in the output. */
  position(position: number): number {
    return Math.round((position * this.#up) / this.#down);
  }

  /** Takes samples and returns those that are certain now; may be none. The result may be the input itself when the rates are equal. */
  push(samples: Int16Array): Int16Array {
    this.#taken += samples.length;
    if (this.#bank === undefined) {
      this.#made += samples.length;
      return samples;
    }
    this.#append(samples, samples.length);
    // The last input sample a position needs is half a filter behind it.
    const last = this.#taken - 1 - this.#bank.taps / 2;
    return last < 0 ? new Int16Array(0) : this.#make(Math.floor((last * this.#up) / this.#down) + 1);
  }

  /** The tail: what was waiting for samples that never came. Afterwards the totals are exact, and the next `push` begins a new stream. */
  end(): Int16Array {
    const total = this.position(this.#taken);
    let tail: Int16Array = new Int16Array(0);
    if (this.#bank !== undefined) {
      this.#append(undefined, this.#bank.taps);
      tail = this.#make(total);
      const before = this.#bank.taps / 2 - 1;
      this.#window = new Float32Array(before);
      this.#windowStart = -before;
    }
    this.#taken = this.#made = 0;
    return tail;
  }

  #append(samples: Int16Array | undefined, count: number): void {
    const bank = this.#bank!;
    const first = Math.floor((this.#made * this.#down) / this.#up) - bank.taps / 2 + 1;
    const drop = Math.min(Math.max(0, first - this.#windowStart), this.#window.length);
    const kept = this.#window.subarray(drop);
    const grown = new Float32Array(kept.length + count);
    grown.set(kept);
    if (samples !== undefined) grown.set(samples, kept.length);
    this.#window = grown;
    this.#windowStart += drop;
  }

  #make(until: number): Int16Array {
    const { taps, phases, table } = this.#bank!;
    const out = new Int16Array(Math.max(0, until - this.#made));
    const numbers = [this.#made, this.#up, this.#down, phases, taps, this.#windowStart];
    this.#clipped += native.resampleSpeech(out, this.#window, table, Float64Array.from(numbers));
    this.#made += out.length;
    return out;
  }
}

function bankFor(up: number, down: number): Bank {
  const key = `${up}/${down}`;
  const known = banks.get(key);
  if (known !== undefined) return known;
  const bank = makeBank(up, down);
  if (banks.size >= KEPT_BANKS) banks.delete(banks.keys().next().value!);
  banks.set(key, bank);
  return bank;
}

function makeBank(up: number, down: number): Bank {
  const ratio = Math.min(1, up / down);
  const half = Math.ceil(HALF / ratio);
  const taps = 2 * half;
  const phases = Math.min(up, MAX_PHASES);
  // Kaiser's formula gives the transition this many taps can make; it is laid wholly below the lower Nyquist frequency.
  const transition = (STOP_DB - 8) / (2.285 * Math.PI * (taps - 1));
  const cutoff = ratio - transition / 2;
  const table = new Float32Array((phases + 1) * taps);
  const top = bessel0(BETA);
  for (let p = 0; p <= phases; p++) {
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      const t = k - half + 1 - p / phases;
      const inside = 1 - (t / half) ** 2;
      const angle = Math.PI * cutoff * t;
      const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
      const value = inside <= 0 ? 0 : (sinc * bessel0(BETA * Math.sqrt(inside))) / top;
      table[p * taps + k] = value;
      sum += value;
    }
    for (let k = 0; k < taps; k++) table[p * taps + k] = table[p * taps + k]! / sum;
  }
  return { taps, phases, table };
}

/** Modified Bessel function of the first kind, order zero, by its power series (converges fast for the arguments of a window). */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
