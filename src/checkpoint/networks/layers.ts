/**
 * Layers of diffusion nets and transformers: norms over groups and vectors, linear maps, smooth gates.
 */
import { damaged } from '../file.js';
import type { Flow, GraphBuilder, Tokens } from '../onnx/graph.js';
import type { Keys } from './keys.js';

/** Epsilon of torch's LayerNorm. */
const EPSILON = 1e-5;

/**
 * GroupNorm: each group of channels to mean 0 and variance 1, then a gain and a shift for each channel.
 * @throws TalkError stream/format for channels that the groups do not divide
 */
export function groupNorm(
  g: GraphBuilder,
  keys: Keys,
  x: Flow,
  prefix: string,
  { groups, epsilon }: { groups: number; epsilon: number },
): Flow {
  const [channels, height, width] = x.shape;
  const gain = keys.take(`${prefix}.weight`, channels);
  const shift = keys.take(`${prefix}.bias`, channels);
  if (channels % groups !== 0) {
    throw damaged(keys.weights.path, `${prefix} has ${channels} channels, which are not ${groups} groups.`);
  }
  const inputs = [
    g.reshape(x.name, 0, groups, -1),
    g.once(`ones_${groups}`, [groups], new Array<number>(groups).fill(1)),
    g.once(`zeros_${groups}`, [groups], new Array<number>(groups).fill(0)),
  ];
  const even = g.node('InstanceNormalization', inputs, { epsilon: { float: epsilon } });
  const back = g.reshape(even, 0, channels, height, width);
  const scaled = g.node('Mul', [back, g.weights(`${prefix}.g`, [channels, 1, 1], gain)]);
  return { ...x, name: g.node('Add', [scaled, g.weights(`${prefix}.s`, [channels, 1, 1], shift)]) };
}

/** x sigmoid(x), of a picture. */
export function silu(g: GraphBuilder, x: Flow): Flow {
  return { ...x, name: g.node('Mul', [x.name, g.node('Sigmoid', [x.name])]) };
}

/** x times the part of a Gaussian below x; with erf, as torch computes it. */
export function gelu(g: GraphBuilder, x: string): string {
  const erf = g.node('Erf', [g.node('Div', [x, g.once('sqrt2', [], [Math.SQRT2])])]);
  const whole = g.node('Mul', [x, g.node('Add', [erf, g.once('one', [], [1])])]);
  return g.node('Mul', [whole, g.once('half', [], [0.5])]);
}

/** LayerNorm: each vector to mean 0 and variance 1, then gains and shifts. */
export function layerNorm(g: GraphBuilder, keys: Keys, x: Tokens, prefix: string): Tokens {
  const width = x.shape[1];
  const inputs = [
    x.name,
    g.weights(`${prefix}.g`, [width], keys.take(`${prefix}.weight`, width)),
    g.weights(`${prefix}.s`, [width], keys.take(`${prefix}.bias`, width)),
  ];
  return { ...x, name: g.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: EPSILON } }) };
}

/** A linear map as it lies in a checkpoint. */
export interface Linear {
  readonly name: string;
  /** Default true. */
  readonly bias?: boolean;
  /** Everything times this; default 1. */
  readonly scale?: number;
}

/** A linear map of each vector. @throws TalkError stream/format */
export function linear(
  g: GraphBuilder,
  keys: Keys,
  x: Tokens,
  { name, bias = true, scale = 1 }: Linear,
): Tokens {
  const [count, width] = x.shape;
  const weight = keys.take(`${name}.weight`, undefined, width);
  const out = keys.shape(`${name}.weight`)[0] ?? 0;
  const turned = async () => transposed(await weight(), out, width, scale);
  const mapped = g.node('MatMul', [x.name, g.weights(`${name}.w`, [width, out], turned)]);
  if (!bias) return { name: mapped, shape: [count, out] };
  const shift = keys.take(`${name}.bias`, out);
  const scaled = async () => (await shift()).map((one) => one * scale);
  return { name: g.node('Add', [mapped, g.weights(`${name}.b`, [out], scaled)]), shape: [count, out] };
}

/** @throws RangeError for two of different widths, which ONNX might broadcast */
export function sum(g: GraphBuilder, a: Tokens, b: Tokens): Tokens {
  if (a.shape[1] !== b.shape[1]) {
    throw new RangeError(`Vectors of ${a.shape[1]} and ${b.shape[1]} numbers cannot be added.`);
  }
  return { ...a, name: g.node('Add', [a.name, b.name]) };
}

/** A picture as vectors, one for each of its pixels. */
export function toTokens(g: GraphBuilder, { name, shape: [channels, height, width] }: Flow): Tokens {
  const rows = g.reshape(name, 0, channels, height * width);
  return { name: g.node('Transpose', [rows], { perm: [0, 2, 1] }), shape: [height * width, channels] };
}

/** Vectors as a picture again. */
export function toFlow(g: GraphBuilder, { name, shape }: Tokens, height: number, width: number): Flow {
  const planes = g.node('Transpose', [name], { perm: [0, 2, 1] });
  return { name: g.reshape(planes, 0, shape[1], height, width), shape: [shape[1], height, width] };
}

/** Rows side by side of this many columns: cells that are read together lie together. */
const TILE = 32;

/** [rows, columns] as [columns, rows], times `scale`. */
function transposed(from: Float32Array, rows: number, columns: number, scale: number): Float32Array {
  const to = new Float32Array(from.length);
  for (let top = 0; top < rows; top += TILE) {
    const bottom = Math.min(rows, top + TILE);
    for (let column = 0; column < columns; column++) {
      for (let row = top; row < bottom; row++) {
        to[column * rows + row] = (from[row * columns + column] ?? 0) * scale;
      }
    }
  }
  return to;
}
