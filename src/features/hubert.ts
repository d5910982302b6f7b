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
  const { length } = samples;
  const out = new Float32Array(length);
  let mean = 0;
  for (let i = 0; i < length; i++) {
    out[i] = samples[i]! / 32768;
    mean += out[i]!;
  }
  mean /= length;
  let variance = 0;
  for (let i = 0; i < length; i++) variance += (out[i]! - mean) ** 2;
  const scale = 1 / Math.sqrt(variance / length + 1e-7);
  for (let i = 0; i < length; i++) out[i] = (out[i]! - mean) * scale;
  return out;
}
