/** What the encoders of `ears.ts` make of sound, in TypeScript alone, and the windows that come of it. */
import { EncodedWindows } from '../../src/features/encoded.js';
import { encodedKind } from '../../src/features/encoders.js';
import { WHISPER_FRAMES } from '../../src/features/logmel.js';
import type { Context } from '../../src/features/plans.js';
import type { FrameRate, Pending } from '../../src/features/windows.js';
import type { EncoderFamily } from '../../src/inference/index.js';

const ramp = (i: number, length: number) => Math.fround(1 + i / length);
const mean = (numbers: Float32Array) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** Rows side by side, as an encoder of that family gives them for its input. */
function rowsOf(family: EncoderFamily, input: Float32Array): Float32Array {
  if (family === 'hubert') {
    const rows = Math.floor((input.length - 80) / 320);
    return Float32Array.from({ length: rows * 1024 }, (_, i) => {
      const at = 320 * Math.floor(i / 1024);
      return input[i % 1024 < 512 ? at : at + 399]!;
    });
  }
  if (family === 'whisper') {
    const frames = input.length / 80;
    const column = (frame: number) => mean(input.filter((_, i) => i % frames === frame));
    const means = Array.from({ length: frames / 2 }, (_, row) => (row < 80 ? column(2 * row) : 0));
    return Float32Array.from(
      { length: (frames / 2) * 1920 },
      (_, i) => means[Math.floor(i / 1920)]! * ramp(i % 1920, 1920),
    );
  }
  if (family === 'wenet') {
    const means = Array.from({ length: 16 }, (_, row) => mean(input.subarray(80 * row, 80 * row + 80)));
    return Float32Array.from(
      { length: 16 * 512 },
      (_, i) => means[Math.floor(i / 512)]! * ramp(i % 512, 512) + 1,
    );
  }
  const all = mean(input);
  return Float32Array.from({ length: 512 }, (_, i) => all * ramp(i, 512));
}

const WIDTHS = { hubert: 1024, whisper: 1920, wenet: 8192, ave: 512 } as const;
const VECTORS = { hubert: 16, whisper: 10, wenet: 8, ave: 16 } as const;

/** Where windows lie and how much is heard at once. */
export interface HeardOptions {
  readonly context?: Context;
  readonly offsetMs?: number;
  readonly framerate?: FrameRate;
  /** First sample there is. */
  readonly at?: number;
}

/** All windows of `samples`, by frame; an empty one where nothing is asked. */
export async function heardWindows(
  family: EncoderFamily,
  samples: Int16Array,
  { context = 'short', offsetMs, framerate = { num: 25, den: 1 }, at = 0 }: HeardOptions = {},
): Promise<Map<number, Float32Array>> {
  const kind = encodedKind(family)!;
  const where = { framerate, context, width: WIDTHS[family], vectors: VECTORS[family] };
  const plan = kind.plan({ ...where, offsetMs: offsetMs ?? kind.offsetMs });
  const length =
    family === 'whisper' && context === 'reference' ? WHISPER_FRAMES : kind.lengths(plan, context).input;
  const encode = async (heard: Int16Array) => rowsOf(family, kind.prepare(heard, length));
  const windows = new EncodedWindows(plan, encode, framerate, kind.shape);
  const given = new Map<number, Pending>();
  const receive = (frame: number, window: Pending) => given.set(frame, window);
  windows.restart(at);
  windows.push(samples, receive);
  windows.complete(at + samples.length, receive);
  const out = new Map<number, Float32Array>();
  for (const [frame, window] of given) out.set(frame, (await window) ?? new Float32Array(0));
  return out;
}
