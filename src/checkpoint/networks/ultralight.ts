/**
 * Ultralight-Digital-Human: a UNet of inverted residuals with an audio branch that joins at its bottom. One network per
 * avatar; 160 pixels with four steps down, 320 with five (SyncTalk_2D). Channels are read from the weights.
 */
import type { Flow, GraphBuilder } from '../onnx/graph.js';
import { add, concat, conv, relu } from './blocks.js';
import type { Keys } from './keys.js';
import type { Network, NetworkOptions } from './network.js';
import { faceInput, floatInput, pictureOutput } from './pixels.js';

/** An audio branch: what it takes and how it comes down to 10x10. */
interface Audio {
  readonly features: Network['features'];
  /** Height and width of its input; the channels are the number of vectors in the window. */
  readonly shape: readonly [number, number];
  readonly stride: number | readonly [number, number];
  /** conv1 and conv2 add their input. */
  readonly adds: boolean;
  /** What one vector of a window stands for, ms. Half the window lies before its frame. */
  readonly vectorMs: number;
}

// hubert: 50 vectors a second; ave: 25 of 512 numbers, laid out as twice as many; wenet: 20 a second, each laid out as 16.
const HUBERT: Audio = { features: 'hubert', shape: [32, 32], stride: 2, adds: false, vectorMs: 20 };
const AVE: Audio = { features: 'ave', shape: [16, 16], stride: 1, adds: false, vectorMs: 20 };
const WENET: Audio = { features: 'wenet', shape: [16, 32], stride: [1, 2], adds: true, vectorMs: 50 / 16 };

/** The network of the Ultralight line that has these keys, if it is one. */
export function findUltralight(keys: Keys, { size, features }: NetworkOptions): Network | undefined {
  const first = 'audio_model.conv1.conv.0.weight';
  if (!keys.has('inc.inconv.0.conv.0.weight') || !keys.has(first)) return undefined;
  const steps = keys.has('down5.maxpool_conv.0.double_conv.0.conv.0.weight') ? 5 : 4;
  const side = 10 * 2 ** steps;
  if (size !== undefined && size !== side) {
    throw new RangeError(`This Ultralight network takes crops of ${side} pixels, not of ${size}.`);
  }
  const vectors = keys.shape(first)[1] ?? 0;
  const audio = audioBranch(vectors, features);
  return {
    title: `Ultralight ${side} (${audio.features})`,
    family: 'ultralight',
    size: side,
    features: audio.features,
    windowOffsetMs: (-vectors * audio.vectorMs) / 2,
    licence: 'not stated in the file; whoever trained it on a person decides, with that person',
    build: (g, all) => build(g, all, { steps, side, audio, vectors }),
  };
}

/** The kind of features a net takes whose windows have this many vectors, laid out so. */
export function findKind(
  vectors: number,
  features: string | undefined,
  shape: readonly [number, number],
): Pick<Network, 'features' | 'windowOffsetMs'> | undefined {
  const found = [HUBERT, AVE, WENET].find((one) => one.shape.every((dim, i) => dim === shape[i]));
  if (found === undefined || (features ?? found.features) !== found.features) return undefined;
  return { features: found.features, windowOffsetMs: (-vectors * found.vectorMs) / 2 };
}

/** The branch by the number of vectors in a window; where two have the same, somebody has to say. */
function audioBranch(vectors: number, features: string | undefined): Audio {
  const possible = vectors >= 128 ? [WENET] : vectors === 32 ? [HUBERT, AVE] : [HUBERT];
  const found = features === undefined ? possible : possible.filter((one) => one.features === features);
  const [only, other] = found;
  if (only !== undefined && other === undefined) return only;
  const names = possible.map((one) => one.features);
  throw new RangeError(
    only === undefined
      ? `The audio branch of this network takes ${names.join(' or ')} features, not ${features}.`
      : `This network may have been trained on ${names.join(' or ')} features, whose shapes are alike; say which with --features.`,
  );
}

interface Plan {
  readonly steps: number;
  readonly side: number;
  readonly audio: Audio;
  readonly vectors: number;
}

function build(g: GraphBuilder, keys: Keys, { steps, side, audio, vectors }: Plan): void {
  const heard = listened(g, keys, floatInput(g, 'audio', [vectors, ...audio.shape]), audio);
  // A black rectangle whose border of 5 (below 10) pixels stays: (5, 5, 150, 145) of 160.
  const face = faceInput(g, {
    size: side,
    order: 'whole-first',
    hidden: (x, y) => x >= 5 && x < side - 5 && y >= 5 && y < side - 10,
  });
  const seen = [residual(g, keys, face, 'inc.inconv.0', 1, false)];
  for (let i = 1; i <= steps; i++) {
    seen.push(double(g, keys, seen.at(-1) as Flow, `down${i}.maxpool_conv.0.double_conv`, 2));
  }
  let x = concat(g, seen.pop() as Flow, heard);
  for (const i of [0, 1]) x = double(g, keys, x, `fuse_conv.${i}.double_conv`, 1);
  const scales = g.floats('twice', [4], Float32Array.of(1, 1, 2, 2));
  for (let i = 1; i <= steps; i++) {
    const up: Flow = {
      name: g.node('Resize', [x.name, '', scales], {
        mode: 'linear',
        coordinate_transformation_mode: 'align_corners',
      }),
      shape: [x.shape[0], 2 * x.shape[1], 2 * x.shape[2]],
    };
    x = double(g, keys, concat(g, up, seen.pop() as Flow), `up${i}.conv.double_conv`, 1);
  }
  pictureOutput(g, conv(g, keys, x, { conv: 'outc.conv' }, { kernel: 1, stride: 1, pad: 0 }));
  keys.end(`Ultralight ${side} (${audio.features})`);
}

function listened(g: GraphBuilder, keys: Keys, from: Flow, { stride, adds }: Audio): Flow {
  const name = (part: string) => `audio_model.${part}`;
  let x = residual(g, keys, from, name('conv1'), 1, adds);
  x = residual(g, keys, x, name('conv2'), 1, adds);
  x = relu(g, conv(g, keys, x, { conv: name('conv3'), norm: name('bn3') }, { kernel: 3, stride, pad: 1 }));
  x = residual(g, keys, x, name('conv4'), 1, true);
  x = relu(g, conv(g, keys, x, { conv: name('conv5'), norm: name('bn5') }, { kernel: 3, stride: 2, pad: 3 }));
  x = residual(g, keys, x, name('conv6'), 1, true);
  return residual(g, keys, x, name('conv7'), 1, true);
}

/** Two inverted residuals, the second of which adds its input. */
function double(g: GraphBuilder, keys: Keys, x: Flow, prefix: string, stride: number): Flow {
  return residual(g, keys, residual(g, keys, x, `${prefix}.0`, stride, false), `${prefix}.1`, 1, true);
}

/** Widens by 1x1, filters each channel by 3x3, narrows by 1x1; no bias, each with its BatchNorm, the last without ReLU. */
function residual(g: GraphBuilder, keys: Keys, x: Flow, prefix: string, stride: number, adds: boolean): Flow {
  const names = (i: number) => ({ conv: `${prefix}.conv.${i}`, norm: `${prefix}.conv.${i + 1}` });
  const bias = false;
  const wide = relu(g, conv(g, keys, x, names(0), { kernel: 1, stride: 1, pad: 0, bias }));
  const each = relu(g, conv(g, keys, wide, names(3), { kernel: 3, stride, pad: 1, depthwise: true, bias }));
  const y = conv(g, keys, each, names(6), { kernel: 1, stride: 1, pad: 0, bias });
  return adds ? add(g, x, y) : y;
}
