/**
 * A checkpoint of Wav2Lip for 96 or 256 pixels with its true layers and made-up weights: as fast and as large as a trained one,
 * and made here, so that whoever measures needs no weights of others and no Python.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

/** A convolution by its key, and how often its kernel is applied to a picture. */
interface Layer {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly applied: number;
  readonly transposed: boolean;
  /** Followed by a BatchNorm; the last one is not. */
  readonly norm: boolean;
}

/** Sides there are nets for. */
export type Side = 96 | 256;

/** Channels of the face encoder and of the decoder, the residual blocks behind each step, and the picture in the middle. */
const NETS = {
  96: {
    face: [16, 32, 64, 128, 256, 512],
    faceMore: [0, 2, 3, 2, 2, 1],
    up: [512, 512, 512, 384, 256, 128, 64],
    upMore: [0, 1, 2, 2, 2, 2, 2],
    middle: 3,
  },
  256: {
    face: [16, 32, 64, 128, 256, 512, 512],
    faceMore: [0, 2, 3, 2, 2, 1, 1],
    up: [512, 512, 512, 512, 384, 256, 128, 64],
    upMore: [0, 1, 1, 2, 2, 2, 2, 2],
    middle: 4,
  },
} as const;
/** The audio encoder: channels, positions of the kernel (80 x 16 windows, then strides), residual blocks. */
const AUDIO = [
  [32, 80 * 16, 2],
  [64, 27 * 16, 2],
  [128, 9 * 6, 2],
  [256, 3 * 3, 1],
] as const;

/** All convolutions, from the layer table of the network. */
export function layers(size: Side): Layer[] {
  const { face, faceMore, up, upMore, middle } = NETS[size];
  const found: Layer[] = [];
  const put = (prefix: string, from: number, to: number, kernel: number, applied: number, more = {}) => {
    const nth = found.filter(({ key }) => key.startsWith(`${prefix}.`)).length;
    const key = `${prefix}.${nth}.conv_block`;
    found.push({ key, from, to, kernel, applied, transposed: false, norm: true, ...more });
  };
  const top = face.at(-1)!;
  for (const [i, channels] of face.entries()) {
    const [prefix, area] = [`face_encoder_blocks.${i}`, (size >> i) ** 2];
    put(prefix, i === 0 ? 6 : face[i - 1]!, channels, i === 0 ? 7 : 3, area);
    for (let k = 0; k < faceMore[i]!; k++) put(prefix, channels, channels, 3, area);
  }
  put(`face_encoder_blocks.${face.length}`, top, top, middle, 1);
  put(`face_encoder_blocks.${face.length}`, top, top, 1, 1);
  let before = 1;
  for (const [channels, area, more] of AUDIO) {
    put('audio_encoder', before, channels, 3, area);
    for (let k = 0; k < more; k++) put('audio_encoder', channels, channels, 3, area);
    before = channels;
  }
  put('audio_encoder', before, top, 3, 1);
  put('audio_encoder', top, top, 1, 1);
  const skips = [...face, top].reverse();
  put('face_decoder_blocks.0', top, up[0], 1, 1);
  for (let i = 1; i < up.length; i++) {
    const [prefix, side] = [`face_decoder_blocks.${i}`, middle * 2 ** (i - 1)];
    // A transposed kernel is applied to what goes in: half the side, but for the first, which is one pixel.
    const applied = i === 1 ? 1 : (side / 2) ** 2;
    put(prefix, up[i - 1]! + skips[i - 1]!, up[i]!, i === 1 ? middle : 3, applied, { transposed: true });
    for (let k = 0; k < upMore[i]!; k++) put(prefix, up[i]!, up[i]!, 3, side ** 2);
  }
  put('output_block', up.at(-1)! + face[0], 32, 3, size ** 2);
  found.push({
    key: 'output_block.1',
    from: 32,
    to: 3,
    kernel: 1,
    applied: size ** 2,
    transposed: false,
    norm: false,
  });
  return found;
}

/** Floating-point operations of a frame: two for each weight wherever its kernel is applied. */
export function operations(size: Side): number {
  return layers(size).reduce(
    (sum, { from, to, kernel, applied }) => sum + 2 * from * to * kernel ** 2 * applied,
    0,
  );
}

interface Made {
  readonly name: string;
  readonly shape: readonly number[];
  /** Values within this of zero, or this value throughout. */
  readonly within?: number;
  readonly all?: number;
}

function tensorsOf({ key, from, to, kernel, transposed, norm }: Layer): Made[] {
  const conv = norm ? `${key}.0` : key;
  const shape = transposed ? [from, to, kernel, kernel] : [to, from, kernel, kernel];
  const named = [
    { name: `${conv}.weight`, shape, within: Math.sqrt(3 / (from * kernel ** 2)) },
    { name: `${conv}.bias`, shape: [to], all: 0 },
  ];
  if (!norm) return named;
  const bn = { weight: 1, bias: 0, running_mean: 0, running_var: 1 };
  return [
    ...named,
    ...Object.entries(bn).map(([name, all]) => ({ name: `${key}.1.${name}`, shape: [to], all })),
  ];
}

/** Writes the checkpoint, as safetensors; 145 or 215 MB. */
export function writeWav2Lip(path: string, size: Side): void {
  const tensors = layers(size).flatMap(tensorsOf);
  const count = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const { name, shape } of tensors) {
    const end = at + 4 * count(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [at, end] };
    at = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = openSync(path, 'w');
  try {
    writeSync(file, length);
    writeSync(file, json);
    let seed = 1;
    for (const { shape, within, all = 0 } of tensors) {
      const values = new Float32Array(count(shape)).fill(all);
      // Numerical Recipes' generator, so that every run has the same weights.
      if (within !== undefined)
        for (let i = 0; i < values.length; i++) {
          seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
          values[i] = within * (seed / 2 ** 31 - 1);
        }
      writeSync(file, new Uint8Array(values.buffer));
    }
  } finally {
    closeSync(file);
  }
}
