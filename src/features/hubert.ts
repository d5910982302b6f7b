import { STRIDE } from './plans.js';

/** Samples under one vector of HuBERT: its seven convolutions have kernels 10, 3, 3, 3, 3, 2, 2 and strides 5, 2, 2, 2, 2, 2, 2. */
export const HUBERT_KERNEL = 400;

/** Vectors of so many samples. */
export function hubertRows(samples: number): number {
  return Math.floor((samples - (HUBERT_KERNEL - STRIDE)) / STRIDE);
}

/**
 * Sound as HuBERT hears it: mean 0 and variance 1 over the whole stretch, as the processor of wav2vec 2.0 makes it
 * (x - mean) / sqrt(variance + 1e-7), x from -1 to 1.
 */
export function hubertInput(samples: Int16Array): Float32Array {
  const out = Float32Array.from(samples, (sample) => sample / 32768);
  const mean = out.reduce((sum, x) => sum + x, 0) / out.length;
  const variance = out.reduce((sum, x) => sum + (x - mean) ** 2, 0) / out.length;
  const scale = 1 / Math.sqrt(variance + 1e-7);
  for (const [i, x] of out.entries()) out[i] = (x - mean) * scale;
  return out;
}
