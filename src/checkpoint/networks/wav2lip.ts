/**
 * The three networks of the Wav2Lip line: 96 pixels (the original), 256 (LiveTalking's `wav2lip_v2`), 384 with spatial
 * attention. All are two encoders and a decoder that takes back, block by block, what the face encoder saw.
 *
 * Tables: one word per convolution. `c3s2p1` is a convolution of kernel 3, stride 2, padding 1, with BatchNorm and ReLU;
 * `t…` a transposed one; `r` is c3s1p1 that adds its input before the ReLU. Channels are read from the weights.
 */
import type { Flow, GraphBuilder } from '../onnx/graph.js';
import { add, type Conv, concat, conv, relu } from './blocks.js';
import type { Keys } from './keys.js';
import type { Network, NetworkOptions } from './network.js';
import { faceInput, floatInput, pictureOutput } from './pixels.js';

interface Layers {
  readonly title: string;
  readonly size: number;
  /** Whether a crop of another size goes through: it comes down to 3x3 or larger before the last encoder block. */
  readonly fits: (size: number) => boolean;
  readonly face: readonly string[];
  readonly audio: string;
  readonly decoder: readonly string[];
  readonly attention: boolean;
}

const STEM = 'c7s1p3';
const AUDIO_DOWN = 'c3s1p1 r r c3s3,1p1 r r c3s3p1 r r c3s3,2p1 r';
/** The audio encoder of the original. */
export const AUDIO_96 = `${AUDIO_DOWN} c3s1p0 c1s1p0`;
const UP = 't3s2p1 r r';

const WAV2LIP_96: Layers = {
  title: 'Wav2Lip 96',
  size: 96,
  fits: (size) => size === 96,
  face: [STEM, 'c3s2p1 r r', 'c3s2p1 r r r', 'c3s2p1 r r', 'c3s2p1 r r', 'c3s2p1 r', 'c3s1p0 c1s1p0'],
  audio: AUDIO_96,
  decoder: ['c1s1p0', 't3s1p0 r', UP, UP, UP, UP, UP],
  attention: false,
};

const WAV2LIP_256: Layers = {
  title: 'Wav2Lip 256',
  size: 256,
  fits: (size) => size === 256,
  face: [
    STEM,
    'c3s2p1 r r',
    'c3s2p1 r r r',
    'c3s2p1 r r',
    'c3s2p1 r r',
    'c3s2p1 r',
    'c3s2p1 r',
    'c4s1p0 c1s1p0',
  ],
  audio: AUDIO_96,
  decoder: ['c1s1p0', 't4s1p0 r', 't3s2p1 r', UP, UP, UP, UP, UP],
  attention: false,
};

const DOWN_384 = 'c3s2p1 r r r';
const WAV2LIP_384: Layers = {
  title: 'Wav2Lip 384 with spatial attention',
  size: 384,
  fits: (size) => size % 64 === 0 && size >= 192,
  face: [`${STEM} r r r`, ...new Array<string>(6).fill(DOWN_384), 'c3s1p0 c1s1p0 c1s1p0'],
  audio: `${AUDIO_DOWN} r c3s1p1 r r c3s1p0 c1s1p0`,
  decoder: ['c1s1p0', 't3s1p0 r', UP, UP, UP, UP, UP, UP],
  attention: true,
};

/** The network of the Wav2Lip line that has these keys, if any has. */
export function findWav2Lip(keys: Keys, { size }: NetworkOptions): Network | undefined {
  if (!keys.has('face_encoder_blocks.0.0.conv_block.0.weight')) return undefined;
  const blocks = (name: string) => keys.has(`face_encoder_blocks.${name}.0.conv_block.0.weight`);
  const layers = blocks('7') ? (keys.has('sam.sa.conv1.weight') ? WAV2LIP_384 : WAV2LIP_256) : WAV2LIP_96;
  const side = size ?? layers.size;
  if (!layers.fits(side)) {
    throw new RangeError(`${layers.title} takes crops of ${layers.size} pixels, not of ${side}.`);
  }
  return {
    title: layers.title,
    family: 'wav2lip',
    size: side,
    features: 'mel',
    // The window of the original and of LiveTalking begins with the frame it is for.
    windowOffsetMs: 0,
    licence:
      'not stated in the file; weights of the Wav2Lip authors are for personal, research and non-commercial use',
    build: (g, all) => build(g, all, layers, side),
  };
}

function build(g: GraphBuilder, keys: Keys, layers: Layers, size: number): void {
  const mel = floatInput(g, 'mel', [1, 80, 16]);
  let face = faceInput(g, {
    size,
    order: 'masked-first',
    hidden: (_, y) => y >= Math.floor(size / 2),
  });
  const seen: Flow[] = [];
  for (const [i, words] of layers.face.entries()) {
    face = block(g, keys, face, `face_encoder_blocks.${i}.`, words);
    seen.push(face);
  }
  let x = block(g, keys, mel, 'audio_encoder.', layers.audio);
  const attention = layers.attention ? keys.plain('sam.sa.conv1', [1, 2, 7, 7], false) : undefined;
  if (attention !== undefined) g.weights('attention', attention.shape, attention.weight);
  for (const [i, words] of layers.decoder.entries()) {
    x = block(g, keys, x, `face_decoder_blocks.${i}.`, words);
    const feature = seen.pop() as Flow;
    if (attention !== undefined) x = attended(g, x, feature);
    x = concat(g, x, feature);
  }
  x = block(g, keys, x, 'output_block.', 'c3s1p1');
  pictureOutput(g, conv(g, keys, x, { conv: 'output_block.1' }, { kernel: 1, stride: 1, pad: 0 }));
  // Part of the 384 checkpoint and of no computation.
  if (layers.attention) keys.ignore('audio_refine.');
  keys.end(layers.title);
}

/** Convolutions `PREFIX0`, `PREFIX1`, … as the words say. */
export function block(g: GraphBuilder, keys: Keys, from: Flow, prefix: string, words: string): Flow {
  return words.split(' ').reduce((x, word, i) => {
    const name = `${prefix}${i}.conv_block`;
    const y = conv(g, keys, x, { conv: `${name}.0`, norm: `${name}.1` }, layer(word));
    return relu(g, word === 'r' ? add(g, y, x) : y);
  }, from);
}

function layer(word: string): Conv {
  if (word === 'r') return { kernel: 3, stride: 1, pad: 1 };
  const [, kind, kernel, down, across, pad] = /^([ct])(\d)s(\d)(?:,(\d))?p(\d)$/.exec(word) ?? [];
  const stride: [number, number] = [Number(down), Number(across ?? down)];
  return { kernel: Number(kernel), stride, pad: Number(pad), transposed: kind === 't' };
}

/**
 * x a + x, where a = sigmoid(conv([mean, max] over the channels of what the encoder saw)). Where x is one pixel it is
 * spread over all of a.
 */
function attended(g: GraphBuilder, x: Flow, { name, shape }: Flow): Flow {
  const mean = g.node('ReduceMean', [name], { axes: [1], keepdims: 1 });
  const most = g.node('ReduceMax', [name], { axes: [1], keepdims: 1 });
  const both = g.node('Concat', [mean, most], { axis: 1 });
  const map = g.node('Conv', [both, 'attention'], { kernel_shape: [7, 7], pads: [3, 3, 3, 3] });
  const scaled = g.node('Mul', [x.name, g.node('Sigmoid', [map])]);
  return { name: g.node('Add', [scaled, x.name]), shape: [x.shape[0], shape[1], shape[2]] };
}
