/** Families of encoders, each named by the features that it makes. */
export const ENCODERS = ['whisper', 'hubert', 'wenet', 'ave'] as const;
export type EncoderFamily = (typeof ENCODERS)[number];

/** A file of weights and what it must be. */
export interface WeightsFile {
  readonly path: string;
  readonly sha256?: string;
}

/** A further file of a net that is several: it runs behind those before it, fed with what they gave. */
export interface Step extends WeightsFile {
  /** Where its weights are, if not in that file itself. */
  readonly weights?: readonly WeightsFile[];
  /** Values that go in, which earlier files gave, and those that come out; by our names. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The file's own names of them, where they differ. */
  readonly names?: Readonly<Record<string, string>>;
  /** Its inputs that are the same for every row, filled with one number. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** What the pool needs to know of a network to run it: where it lies, what goes in and what comes out. */
export interface Net {
  readonly name: string;
  /** Absolute path of the ONNX file. */
  readonly path: string;
  readonly sha256?: string;
  /** Where its weights are, if not in that file itself. */
  readonly weights?: readonly WeightsFile[];
  /** Files that run behind this one, in order; the last one gives the outputs. */
  readonly next?: readonly Step[];
  /** How `face` goes in and the picture comes out: planes of floats, or bytes as they are shown. */
  readonly pixels: 'floats' | 'bytes';
  /** The file's own names of inputs and outputs, where they differ. */
  readonly names?: Readonly<Record<string, string>>;
  /** 1 when the file takes no more rows at a time. */
  readonly batch?: 1;
  /** Shapes of one row, without the batch dimension. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Of the first dimension of each output only so much is wanted: the rest does not leave the inference thread. */
  readonly keep?: number;
  /** Inputs of the file that are the same for every row, filled with one number; their shapes say the file. */
  readonly constants?: Readonly<Record<string, number>>;
}
