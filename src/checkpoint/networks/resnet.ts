/**
 * The block that UNets and autoencoders of diffusers are made of (`ResnetBlock2D`), and how they change size.
 */
import type { Flow, GraphBuilder } from '../onnx/graph.js';
import { add, type Conv, conv } from './blocks.js';
import type { Keys } from './keys.js';
import { groupNorm, silu } from './layers.js';

/** Groups of every GroupNorm of diffusers' image nets; no key tells them. */
export const GROUPS = 32;
export const SAME: Conv = { kernel: 3, stride: 1, pad: 1 };
export const POINT: Conv = { kernel: 1, stride: 1, pad: 0 };

/** What is the same for all blocks of a net. */
export interface ResnetStyle {
  readonly epsilon: number;
  /**
   * What a moment of the diffusion adds to each channel behind the first convolution, for a block with these keys; part
   * of the convolution's bias, since the moment is always the same.
   */
  readonly moment?: (prefix: string, channels: number) => () => Promise<Float32Array>;
}

/** Norm, SiLU, convolution, twice; and the input added, through a 1x1 convolution where the channels change. */
export function resnet(
  g: GraphBuilder,
  keys: Keys,
  x: Flow,
  prefix: string,
  { epsilon, moment }: ResnetStyle,
): Flow {
  const norm = { groups: GROUPS, epsilon };
  const channels = keys.shape(`${prefix}.conv1.weight`)[0] ?? 0;
  const shift = moment?.(prefix, channels);
  const bias = async (numbers: Float32Array) => {
    const more = await shift?.();
    return more === undefined ? numbers : numbers.map((one, i) => one + (more[i] ?? 0));
  };
  const first = silu(g, groupNorm(g, keys, x, `${prefix}.norm1`, norm));
  const half = conv(g, keys, first, { conv: `${prefix}.conv1` }, { ...SAME, change: { bias } });
  const second = silu(g, groupNorm(g, keys, half, `${prefix}.norm2`, norm));
  const whole = conv(g, keys, second, { conv: `${prefix}.conv2` }, SAME);
  const shortcut = `${prefix}.conv_shortcut`;
  return add(g, keys.has(`${shortcut}.weight`) ? conv(g, keys, x, { conv: shortcut }, POINT) : x, whole);
}

/** Twice as high and wide, each pixel four times, and a convolution. */
export function upsample(g: GraphBuilder, keys: Keys, x: Flow, name: string): Flow {
  const scales = g.once('twice', [4], [1, 1, 2, 2], 'float32');
  const how = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const large: Flow = {
    name: g.node('Resize', [x.name, '', scales], how),
    shape: [x.shape[0], 2 * x.shape[1], 2 * x.shape[2]],
  };
  return conv(g, keys, large, { conv: name }, SAME);
}
