import { RealFft } from './fft.js';
import { melBands } from './melbands.js';

const LENGTH = 400;
const HOP = 160;
const BANDS = 80;
/** Mel frames of what Whisper hears at once: 30 s. */
export const WHISPER_FRAMES = 3000;
/** How far from its own sample the convolutions of a vector reach: two mel frames to either side, half a window each. */
export const WHISPER_HEARS = [-2 * HOP - LENGTH / 2, 2 * HOP + LENGTH / 2] as const;

const FILTERS = melBands(BANDS, 0, 8000, LENGTH, 16_000);
const HANN = Float64Array.from(
  { length: LENGTH },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / LENGTH),
);
const FFT = new RealFft(LENGTH);
/** log10 of the least power there is. */
const FLOOR = -10;

/**
 * Whisper's log-mel spectrogram `[80, frames]` of samples that are followed by silence.
 *
 * 16 kHz, windows of 400 every 160 (periodic Hann), power, 80 Slaney mel bands from 0 to 8 kHz, log10 not below 8 under
 * the loudest of all, (x + 4) / 4. Frame m is centred on sample 160 m; before the first sample the sound is mirrored.
 * A. Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022.
 */
export function whisperMel(samples: Int16Array, frames: number): Float32Array {
  const out = new Float32Array(BANDS * frames).fill(FLOOR);
  const part = new Float64Array(LENGTH);
  // What lies wholly behind the last sample is silence.
  const heard = Math.min(frames, Math.ceil((samples.length + LENGTH / 2) / HOP));
  let loudest = FLOOR;
  for (let frame = 0; frame < heard; frame++) {
    for (let n = 0; n < LENGTH; n++) {
      const at = Math.abs(frame * HOP - LENGTH / 2 + n);
      part[n] = at < samples.length ? samples[at]! / 32768 : 0;
    }
    FFT.transform(part, HANN, FILTERS.from, FILTERS.to);
    for (let band = 0; band < BANDS; band++) {
      const log = Math.log10(Math.max(1e-10, bandPower(band)));
      out[band * frames + frame] = log;
      if (log > loudest) loudest = log;
    }
  }
  for (let i = 0; i < out.length; i++) out[i] = (Math.max(out[i]!, loudest - 8) + 4) / 4;
  return out;
}

/** Of the last transform. */
function bandPower(band: number): number {
  const { re, im } = FFT;
  let sum = 0;
  let bin = FILTERS.bins[band]!;
  for (let w = FILTERS.offsets[band]!; w < FILTERS.offsets[band + 1]!; w++, bin++) {
    sum += FILTERS.weights[w]! * (re[bin]! * re[bin]! + im[bin]! * im[bin]!);
  }
  return sum;
}
