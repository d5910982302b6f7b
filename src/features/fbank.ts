import { RealFft } from './fft.js';

const LENGTH = 400;
const HOP = 160;
const PADDED = 512;
const BANDS = 80;
const LOWEST_HZ = 20;
const HIGHEST_HZ = 8000;
const PREEMPHASIS = 0.97;
/** Least band energy: the distance from 1 to the next float32. */
const EPSILON = 2 ** -23;

/** Kaldi's own window, a Hann to the power of 0.85, symmetric. */
const POVEY = Float64Array.from(
  { length: LENGTH },
  (_, n) => (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (LENGTH - 1))) ** 0.85,
);
const FLAT = new Float64Array(PADDED).fill(1);
const FILTERS = kaldiBands();
const FFT = new RealFft(PADDED);

/**
 * Kaldi's log filter banks `[frames, 80]` of 16-bit samples as they are, frame m from sample 160 m on.
 *
 * 25 ms every 10, mean taken out, pre-emphasis 0.97, Povey's window, 512 points, power, triangles that are even on the
 * scale 1127 ln(1 + f / 700) from 20 Hz to 8 kHz, natural logarithm, no dither: what torchaudio's `compliance.kaldi.fbank`
 * makes, and wenet hears. @param samples at least 160 (frames - 1) + 400
 */
export function kaldiFbank(samples: Int16Array, frames: number): Float32Array {
  const out = new Float32Array(frames * BANDS);
  const part = new Float64Array(PADDED);
  for (let frame = 0; frame < frames; frame++) {
    let mean = 0;
    for (let n = 0; n < LENGTH; n++) mean += samples[frame * HOP + n]!;
    mean /= LENGTH;
    let before = samples[frame * HOP]! - mean;
    for (let n = 0; n < LENGTH; n++) {
      const x = samples[frame * HOP + n]! - mean;
      part[n] = (x - PREEMPHASIS * before) * POVEY[n]!;
      before = x;
    }
    FFT.transform(part, FLAT);
    const { re, im } = FFT;
    for (let band = 0; band < BANDS; band++) {
      let sum = 0;
      for (const [bin, weight] of FILTERS[band]!) sum += weight * (re[bin]! * re[bin]! + im[bin]! * im[bin]!);
      out[frame * BANDS + band] = Math.log(Math.max(EPSILON, sum));
    }
  }
  return out;
}

/** For each band the bins it hears, with their weights. */
function kaldiBands(): [number, number][][] {
  const mel = (hz: number) => 1127 * Math.log(1 + hz / 700);
  const low = mel(LOWEST_HZ);
  const step = (mel(HIGHEST_HZ) - low) / (BANDS + 1);
  return Array.from({ length: BANDS }, (_, band) => {
    const left = low + band * step;
    const bins: [number, number][] = [];
    // The last bin is left out, as Kaldi leaves it out.
    for (let bin = 0; bin < PADDED / 2; bin++) {
      const at = mel((bin * 16_000) / PADDED);
      const weight = Math.min((at - left) / step, (left + 2 * step - at) / step);
      if (weight > 0) bins.push([bin, weight]);
    }
    return bins;
  });
}
