import { RealFft } from './fft.js';
import { melBands } from './melbands.js';
import {
  type FeatureWindows,
  type FrameRate,
  firstFrame,
  frameStart,
  type WindowReceiver,
} from './windows.js';

/** Samples per second; Wav2Lip's front end has no other rate. */
export const MEL_RATE = 16_000;
/** Samples between two mel frames (12.5 ms, so 80 mel frames a second). */
export const MEL_HOP = 200;
/** Samples under one mel frame's window. */
export const MEL_LENGTH = 800;
/** Mel bands of a frame. */
export const MEL_BANDS = 80;
/** Mel frames of a window (200 ms). */
export const MEL_FRAMES = 16;
/** What a band of digital silence is. */
export const MEL_FLOOR = -4;

const PER_SECOND = MEL_RATE / MEL_HOP;
const BANDS = melBands(MEL_BANDS, 55, 7600, MEL_LENGTH, MEL_RATE);
/** Periodic Hann: the window repeats every MEL_LENGTH samples, as librosa's and torch's do. */
const HANN = Float64Array.from(
  { length: MEL_LENGTH },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / MEL_LENGTH),
);
/** Mel frames kept: a window reaches back at most this far, a power of two for the ring. */
const RING = 64;
/** Blocks of a hop that a window of MEL_LENGTH spans, one more when the last is begun. */
const TAIL = MEL_LENGTH / MEL_HOP + 1;

/** Where the windows lie on the samples. */
export interface MelOptions {
  /** Video frames per second. */
  readonly framerate: FrameRate;
  /** Start of a window against the start of its video frame, in ms: -80 for [t-80, t+120), 0 for LiveTalking's. */
  readonly offsetMs: number;
}

/**
 * Wav2Lip's mel spectrogram as a stream: 80 bands x 16 mel frames per video frame.
 *
 * Pre-emphasis 0.97, centred STFT of 800 samples every 200, magnitudes, Slaney mel 55-7600 Hz, decibels with
 * 20 dB reference, scaled to +-4. Mel frame k is centred on absolute sample 200 k, whatever the buffers were,
 * and a window starts at mel frame floor(80 (t + offset)); so a window is a pure function of samples and time.
 * Costs 3.2 transforms per video frame at 25 fps.
 */
export class MelWindows implements FeatureWindows {
  readonly rate = MEL_RATE;
  readonly shape = [MEL_BANDS, MEL_FRAMES] as const;
  readonly lookAhead: number;

  readonly #framerate: FrameRate;
  readonly #offsetMs: number;
  readonly #fft = new RealFft(MEL_LENGTH);
  /** The last MEL_LENGTH pre-emphasised samples and, from #fill on, room for the rest of the begun hop. */
  readonly #samples = new Float64Array(MEL_LENGTH);
  readonly #columns = new Float32Array(RING * MEL_BANDS);
  readonly #silent = new Uint8Array(RING);
  readonly #tail = new Float32Array(TAIL * MEL_BANDS);
  readonly #tailSilent = new Uint8Array(TAIL);
  readonly #window = new Float32Array(MEL_BANDS * MEL_FRAMES);
  readonly #scratch = new Float64Array(MEL_LENGTH);
  #position = 0;
  #last = 0;
  #fill = 0;
  #column = 0;
  #frame = 0;
  #tailReady = false;

  constructor({ framerate, offsetMs }: MelOptions) {
    const reach = RING - MEL_FRAMES - TAIL;
    if (!(Math.abs(offsetMs) <= (1000 * reach) / PER_SECOND)) {
      throw new TypeError(
        `Expected a window offset within ${(1000 * reach) / PER_SECOND} ms but received ${offsetMs}.`,
      );
    }
    this.#framerate = framerate;
    this.#offsetMs = offsetMs;
    this.lookAhead = Math.max(0, offsetMs / 1000 + ((MEL_FRAMES - 1) * MEL_HOP + MEL_LENGTH / 2) / MEL_RATE);
    this.restart(0);
  }

  get position(): number {
    return this.#position;
  }

  restart(sample: number): void {
    this.#position = sample;
    this.#last = 0;
    const block = Math.floor(sample / MEL_HOP);
    this.#fill = sample - block * MEL_HOP;
    // The block that is being filled ends the window of the mel frame centred MEL_LENGTH / 2 before its end.
    this.#column = block + 1 - MEL_LENGTH / 2 / MEL_HOP;
    this.#frame = firstFrame(sample, this.#framerate, MEL_RATE);
    this.#samples.fill(0);
    this.#columns.fill(MEL_FLOOR);
    this.#silent.fill(1);
    this.#tailReady = false;
  }

  /** Learns nothing of a speaker. */
  begin(): void {}

  push(samples: Int16Array, receive: WindowReceiver): void {
    this.#tailReady = false;
    const begin = MEL_LENGTH - MEL_HOP;
    for (let i = 0; i < samples.length; ) {
      const take = Math.min(samples.length - i, MEL_HOP - this.#fill);
      for (let n = 0; n < take; n++) {
        const x = samples[i + n]! / 32768;
        this.#samples[begin + this.#fill + n] = x - 0.97 * this.#last;
        this.#last = x;
      }
      i += take;
      this.#fill += take;
      this.#position += take;
      if (this.#fill < MEL_HOP) break;
      const slot = this.#column & (RING - 1);
      this.#silent[slot] = this.#spectrum(this.#samples, this.#columns, slot * MEL_BANDS);
      this.#column++;
      this.#samples.copyWithin(0, MEL_HOP);
      this.#fill = 0;
      while (this.#start() + MEL_FRAMES <= this.#column) this.#give(receive);
    }
  }

  complete(limit: number, receive: WindowReceiver): void {
    while (frameStart(this.#frame, this.#framerate, MEL_RATE) < limit - 0.5) this.#give(receive);
  }

  /** First mel frame of the next window; floor, so that frames before time 0 keep the pattern. */
  #start(): number {
    const { num, den } = this.#framerate;
    return Math.floor((PER_SECOND * (1000 * this.#frame * den + this.#offsetMs * num)) / (1000 * num));
  }

  #give(receive: WindowReceiver): void {
    const start = this.#start();
    let silent = 1;
    for (let i = 0; i < MEL_FRAMES; i++) {
      const column = start + i;
      const ahead = column - this.#column;
      if (ahead >= 0 && !this.#tailReady) this.#pad();
      const from = ahead < 0 ? this.#columns : this.#tail;
      const slot = ahead < 0 ? column & (RING - 1) : Math.min(ahead, TAIL - 1);
      silent &= (ahead < 0 ? this.#silent : this.#tailSilent)[slot]!;
      for (let band = 0; band < MEL_BANDS; band++) {
        this.#window[band * MEL_FRAMES + i] = from[slot * MEL_BANDS + band]!;
      }
    }
    receive(this.#frame++, this.#window, silent === 1);
  }

  /** Mel frames as they would be if only zeros followed; after TAIL of them all is silence. */
  #pad(): void {
    const keep = this.#samples.slice();
    const begin = MEL_LENGTH - MEL_HOP;
    this.#samples.fill(0, begin + this.#fill);
    if (this.#fill < MEL_HOP) this.#samples[begin + this.#fill] = -0.97 * this.#last;
    for (let i = 0; i < TAIL; i++) {
      this.#tailSilent[i] = this.#spectrum(this.#samples, this.#tail, i * MEL_BANDS);
      this.#samples.copyWithin(0, MEL_HOP);
      this.#samples.fill(0, begin);
    }
    this.#samples.set(keep);
    this.#tailReady = true;
  }

  /** One mel frame of `samples` into `out`; returns 1 when all samples are zero. */
  #spectrum(samples: Float64Array, out: Float32Array, at: number): number {
    let any = 0;
    for (let i = 0; i < MEL_LENGTH && any === 0; i++) any = samples[i]!;
    if (any === 0) {
      out.fill(MEL_FLOOR, at, at + MEL_BANDS);
      return 1;
    }
    this.#fft.transform(samples, HANN, BANDS.from, BANDS.to);
    const { re, im } = this.#fft;
    const magnitude = this.#scratch;
    for (let k = BANDS.from; k <= BANDS.to; k++) magnitude[k] = Math.sqrt(re[k]! * re[k]! + im[k]! * im[k]!);
    for (let band = 0; band < MEL_BANDS; band++) {
      let sum = 0;
      let bin = BANDS.bins[band]!;
      for (let w = BANDS.offsets[band]!; w < BANDS.offsets[band + 1]!; w++)
        sum += BANDS.weights[w]! * magnitude[bin++]!;
      // 20 dB reference, -100 dB floor, then 0..100 dB to -4..4.
      const db = 20 * Math.log10(Math.max(1e-5, sum)) - 20;
      out[at + band] = Math.min(4, Math.max(MEL_FLOOR, (8 * (db + 100)) / 100 - 4));
    }
    return 0;
  }
}
