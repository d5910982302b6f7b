/** What passes through a pad: how much, and how far behind the clock. */
import type { NativeMeter } from '../native/pipeline.js';
import { native } from '../native.js';
import { goneError } from './core.js';
import type { PadHandle } from './pad.js';

/** Since the meter was opened. */
export interface Reading {
  readonly buffers: number;
  readonly bytes: number;
  /** Of the buffers, those that hold nothing: GAP. */
  readonly gaps: number;
  /**
   * Age of the last 256 buffers with a PTS, in ms, sorted: running time when they passed minus the one they are stamped with.
   * Negative is ahead of the clock, as speech is by its lead.
   */
  readonly ages: readonly number[];
}

/**
 * A probe on one pad. The streaming thread pays for each buffer, so pads have one only while somebody looks. The pipeline's
 * end ends it.
 */
export class Meter {
  readonly #raw: NativeMeter;

  /** Throws resource/not-found for a pad that has left its pipeline. */
  constructor(pad: PadHandle) {
    const raw = native.meterOpen(pad.raw);
    if (raw === null) throw goneError(pad.path);
    this.#raw = raw;
  }

  read(): Reading {
    const { ages, ...counts } = native.meterRead(this.#raw);
    return { ...counts, ages: ages.map((age) => age / 1e6).sort((a, b) => a - b) };
  }

  close(): void {
    native.meterClose(this.#raw);
  }
}

/** The value that this share of sorted ones is not above; undefined where there is none. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
