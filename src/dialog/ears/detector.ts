/** What hears whether somebody speaks: one object per stream of sound. */
export interface Detector {
  /** Samples of a hop, at 16 kHz. */
  readonly hop: number;
  /** How likely somebody speaks in this hop, 0 to 1. Hops are heard in order, one at a time. */
  hear(samples: Float32Array<ArrayBuffer>): number | Promise<number>;
  /** Forgets what was heard: the next hop does not follow the last one. */
  reset(): void;
}

/** Samples per second that detectors hear. */
export const EAR_RATE = 16_000;

/** Level of some samples in dB of full scale (a full-scale square wave is 0); -Infinity for zeros. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return 10 * Math.log10(sum / samples.length);
}
