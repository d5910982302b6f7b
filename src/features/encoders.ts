/**
 * What each family of encoders hears, and which of its vectors a video frame sees. Where a file is the only source of a
 * fact, docs/models.md names it.
 */
import type { Plan } from './encoded.js';
import { kaldiFbank } from './fbank.js';
import { HUBERT_KERNEL, hubertInput, hubertRows } from './hubert.js';
import { WHISPER_FRAMES, WHISPER_HEARS, whisperMel } from './logmel.js';
import { MEL_HOP, MEL_LENGTH, MelWindows } from './mel.js';
import { blockPlan, type Context, rowPlan, STRIDE, type Where } from './plans.js';

/** What an encoder's manifest leaves open, and how many of its first vectors are wanted; all, where nothing is said. */
export interface Lengths {
  readonly input: number;
  readonly rows: number;
  readonly keep?: number;
}

/** A kind of features that a second network makes. */
export interface EncodedKind {
  /** Shape of a window where no lip-sync model says it, of how many vectors, and where it lies then, in ms. */
  readonly shape: readonly number[];
  readonly vectors: number;
  readonly offsetMs: number;
  /** How the work is cut. */
  plan(where: Where): Plan;
  /** What an encoder's manifest leaves open: the length of its input; and how many vectors it gives, and are wanted. */
  lengths(plan: Plan, context: Context): Lengths;
  /** The encoder's input for the samples of one job; `length` is what `lengths` said, or the file insists on. */
  prepare(samples: Int16Array, length: number): Float32Array;
}

/** Mel frames for a block, and two more so that its last vector hears the silence behind. */
const whisperFrames = (samples: number) => 2 * (Math.ceil(samples / STRIDE) + 1);

const whisper: EncodedKind = {
  shape: [50, 384],
  vectors: 10,
  offsetMs: 0,
  plan: (where) =>
    blockPlan(where, WHISPER_HEARS, (samples) =>
      where.context === 'reference' ? WHISPER_FRAMES / 2 : whisperFrames(samples) / 2,
    ),
  lengths: ({ length }, context) => {
    const input = context === 'reference' ? WHISPER_FRAMES : whisperFrames(length);
    // Behind the last sample it hears silence.
    return { input, rows: input / 2, keep: whisperFrames(length) / 2 };
  },
  prepare: whisperMel,
};

const hubert: EncodedKind = {
  shape: [16, 32, 32],
  vectors: 16,
  offsetMs: -160,
  plan: (where) => blockPlan(where, [0, HUBERT_KERNEL], hubertRows),
  lengths: ({ length }) => ({ input: length, rows: hubertRows(length) }),
  prepare: hubertInput,
};

/** Filter banks that wenet hears at once; 20 times a second, with 320 ms before the moment of the row. */
const WENET_FRAMES = 67;
const wenet: EncodedKind = {
  shape: [128, 16, 32],
  vectors: 8,
  offsetMs: -200,
  plan: (where) =>
    rowPlan(where, {
      rate: 20,
      length: 160 * (WENET_FRAMES - 1) + 400,
      begin: (row) => 800 * row - 32 * 160,
      late: 0,
    }),
  lengths: () => ({ input: WENET_FRAMES, rows: 1 }),
  prepare: (samples) => kaldiFbank(samples, WENET_FRAMES),
};

/** Samples before the first mel frame of an ave window: half a Fourier window, and one hop for the pre-emphasis. */
const AVE_BEFORE = MEL_LENGTH / 2 + MEL_HOP;
const AVE_LENGTH = AVE_BEFORE + 15 * MEL_HOP + MEL_LENGTH / 2;
const ave: EncodedKind = {
  shape: [32, 16, 16],
  vectors: 16,
  offsetMs: -320,
  plan: (where) =>
    rowPlan(where, {
      rate: 25,
      length: AVE_LENGTH,
      begin: (row) => MEL_HOP * Math.floor((80 * row) / 25) - AVE_BEFORE,
      late: 1,
    }),
  lengths: () => ({ input: 16, rows: 1 }),
  prepare: aveInput,
};

/** Wav2Lip's mel window of the samples around it. */
function aveInput(samples: Int16Array): Float32Array {
  const windows = new MelWindows({ framerate: { num: 25, den: 1 }, offsetMs: 0 });
  let window = new Float32Array(0);
  windows.restart(-AVE_BEFORE);
  const keep = (frame: number, made: Float32Array) => {
    if (frame === 0) window = made.slice();
  };
  windows.push(samples, keep);
  windows.complete(1, keep);
  return window;
}

const KINDS: Readonly<Record<string, EncodedKind>> = { whisper, hubert, wenet, ave };

/** Names of the kinds that an encoder makes. */
export const ENCODED_KINDS = Object.keys(KINDS);

/** The kind of that name, if an encoder makes it. */
export function encodedKind(kind: string): EncodedKind | undefined {
  return KINDS[kind];
}

/**
 * Layers that a file gives one by one, `[rows, width]` each, as the vectors of a window: all layers of a row side by side.
 */
export function interleave(layers: readonly Float32Array[], rows: number): Float32Array {
  const [first = new Float32Array(0)] = layers;
  if (layers.length === 1) return first;
  const width = first.length / rows;
  const out = new Float32Array(first.length * layers.length);
  for (let row = 0; row < rows; row++) {
    for (const [i, layer] of layers.entries()) {
      out.set(layer.subarray(row * width, (row + 1) * width), (row * layers.length + i) * width);
    }
  }
  return out;
}
