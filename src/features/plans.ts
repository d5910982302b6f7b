/**
 * Where encoders' work lies against video frames: blocks of frames that share one stretch of sound (HuBERT, Whisper), and
 * rows that are each heard for themselves (wenet, ave).
 */
import type { Plan, Vector } from './encoded.js';
import { type FrameRate, frameStart } from './windows.js';

const RATE = 16_000;
/** A vector of HuBERT or Whisper stands for this many samples: 20 ms. */
export const STRIDE = 320;
/** LiveTalking's context on both sides of a batch, -l and -r: ten chunks of 20 ms. */
const CONTEXT = 10 * STRIDE;
/** Frames of LiveTalking's batch, and of ours where what comes back should not wait for so many. */
const REFERENCE_FRAMES = 16;
const SHORT_FRAMES = 4;
/** Keeps what is a whole number but for rounding on the right side of the floor. */
const TINY = 1e-6;

/** How much sound an encoder hears at once: what LiveTalking gives it, or no more than its windows need. */
export type Context = 'reference' | 'short';

/** Where the windows of a model lie. */
export interface Where {
  readonly framerate: FrameRate;
  /** Start of a window against the start of its video frame, in ms. */
  readonly offsetMs: number;
  /** Vectors of a window. */
  readonly vectors: number;
  /** Numbers in a vector. */
  readonly width: number;
  readonly context: Context;
}

/**
 * Blocks of frames. Vector k of a block hears samples from 320 k + `hears[0]` to before 320 k + `hears[1]` of it, as far as
 * its convolutions go; attention hears all of it. Windows that reach past the block have its edge vectors repeated, as
 * LiveTalking's have. @param rows vectors that a block of so many samples gives
 */
export function blockPlan(
  { framerate, offsetMs, vectors, width, context }: Where,
  hears: readonly [number, number],
  rows: (samples: number) => number,
): Plan {
  const frames = context === 'reference' ? REFERENCE_FRAMES : SHORT_FRAMES;
  const perFrame = frameStart(1, framerate, RATE);
  const offset = (offsetMs * RATE) / 1000;
  // As far as convolutions reach, in whole strides.
  const need = (samples: number) => STRIDE * Math.max(0, Math.ceil(samples / STRIDE - TINY));
  const before = need(-offset - hears[0]);
  const after = need(offset + (vectors - 1) * STRIDE + hears[1] - perFrame);
  const left = Math.max(CONTEXT, before);
  const right = context === 'reference' ? Math.max(CONTEXT, after) : after;
  const length = left + Math.ceil(frames * perFrame - TINY) + right;
  const last = rows(length) - 1;
  const from = (block: number) => Math.round(frameStart(block * frames, framerate, RATE)) - left;
  const blockOf = (frame: number) => Math.floor(frame / frames);
  const first = (frame: number) =>
    Math.floor((frameStart(frame, framerate, RATE) + offset - from(blockOf(frame))) / STRIDE + TINY);
  return {
    length,
    width,
    span: frames,
    perSecond: framerate.num / framerate.den / frames,
    from,
    vectors: (frame) => {
      const job = blockOf(frame);
      const begin = first(frame);
      return Array.from({ length: vectors }, (_, i) => ({
        job,
        row: Math.min(last, Math.max(0, begin + i)),
      }));
    },
    reach: (frame) => {
      const at = from(blockOf(frame)) + first(frame) * STRIDE;
      return [at + hears[0], at + (vectors - 1) * STRIDE + hears[1]];
    },
  };
}

/** Rows that are each heard for themselves. */
export interface Rows {
  /** Rows a second. */
  readonly rate: number;
  /** Samples that one row hears, and where they begin against the moment of the row. */
  readonly length: number;
  readonly begin: (row: number) => number;
  /** Rows by which a window lies earlier than its offset says; so many copies of the first row stand before it. */
  readonly late: number;
}

/** Each row is a job. Rows from before the start are zero, as the originals pad them. */
export function rowPlan({ framerate, offsetMs, vectors, width }: Where, rows: Rows): Plan {
  const first = (frame: number) =>
    Math.round((frameStart(frame, framerate, 1) + offsetMs / 1000) * rows.rate + TINY) - rows.late;
  return {
    length: rows.length,
    width,
    span: Math.ceil((vectors * framerate.num) / (framerate.den * rows.rate)),
    perSecond: rows.rate,
    from: rows.begin,
    vectors: (frame, start) => {
      const from = Math.ceil((start * rows.rate) / RATE - TINY);
      return Array.from({ length: vectors }, (_, i): Vector => {
        const row = first(frame) + i;
        if (row < from - rows.late) return { job: undefined, row: 0 };
        return { job: Math.max(row, from), row: 0 };
      });
    },
    reach: (frame) => [rows.begin(first(frame)), rows.begin(first(frame) + vectors - 1) + rows.length],
  };
}
