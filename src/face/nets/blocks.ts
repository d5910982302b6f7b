/** Pieces that both nets are made of, from TensorFlow's weights to ONNX's. */
import type { Flow, GraphBuilder } from '../../checkpoint/onnx/graph.js';
import type { Weights } from '../weights.js';

/** A net under construction. */
export interface Building {
  readonly g: GraphBuilder;
  readonly weights: Weights;
}

/** How a convolution moves over its picture; `same` is TensorFlow's: what is odd lies right and below. */
export interface Moving {
  readonly stride?: 1 | 2;
  readonly padding: 'same' | 'valid' | 1;
}

/** Input `face`: [S, S, 3] bytes RGB. Gives three planes, the mean taken off, in parts of 255. */
export function bytesInput({ g }: Building, size: number, mean: readonly [number, number, number]): Flow {
  g.inputs.push({ name: 'face', type: 'uint8', shape: [size, size, 3] });
  const planes = g.node('Transpose', ['face'], { perm: [0, 3, 1, 2] });
  const levels = g.node('Cast', [planes], { to: 1 });
  const centred = g.node('Sub', [levels, g.floats('mean', [1, 3, 1, 1], Float32Array.from(mean))]);
  return {
    name: g.node('Div', [centred, g.floats('levels', [], Float32Array.of(255))]),
    shape: [3, size, size],
  };
}

/** A plain convolution, `filters` and `bias` by name. */
export function conv(b: Building, x: Flow, filters: string, bias: string, moving: Moving): Flow {
  const [height, width, from, to] = dims(b, filters, 4);
  const values = turned(b.weights.get(filters)!.values, [height, width, from, to], [3, 2, 0, 1]);
  return convolved(b, x, { name: filters, bias, shape: [to, from, height, width], values }, moving);
}

/** Each channel by itself, then all channels of each pixel: `NAME/depthwise_filter`, `pointwise_filter`, `bias`. */
export function separable(b: Building, x: Flow, name: string, moving: Moving): Flow {
  const [height, width, channels] = dims(b, `${name}/depthwise_filter`, 4);
  const deep = b.weights.get(`${name}/depthwise_filter`)!.values;
  const each = {
    name: `${name}/depthwise_filter`,
    shape: [channels, 1, height, width],
    values: turned(deep, [height, width, channels, 1], [2, 3, 0, 1]),
  };
  const filtered = convolved(b, x, each, moving);
  return conv(b, filtered, `${name}/pointwise_filter`, `${name}/bias`, { padding: 'valid' });
}

interface Kernel {
  readonly name: string;
  readonly bias?: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

function convolved({ g, weights }: Building, x: Flow, kernel: Kernel, { stride = 1, padding }: Moving): Flow {
  const [to = 0, from = 0, height = 1, width = 1] = kernel.shape;
  const [channels, rows, columns] = x.shape;
  const group = from === channels ? 1 : channels;
  if (from * group !== channels) {
    throw new RangeError(`${kernel.name} takes ${from} channels, not ${channels}.`);
  }
  const inputs = [x.name, g.weights(kernel.name, kernel.shape, async () => kernel.values)];
  if (kernel.bias !== undefined) {
    const bias = weights.get(kernel.bias)?.values;
    if (bias?.length !== to) throw new RangeError(`${kernel.bias} has not ${to} numbers.`);
    inputs.push(g.weights(kernel.bias, [to], async () => bias));
  }
  const edge = typeof padding === 'number' ? padding : 0;
  const side = (n: number, k: number) =>
    padding === 'same' ? Math.ceil(n / stride) : Math.floor((n + 2 * edge - k) / stride) + 1;
  const name = g.node('Conv', inputs, {
    kernel_shape: [height, width],
    strides: [stride, stride],
    group,
    ...(padding === 'same' ? { auto_pad: 'SAME_UPPER' } : { pads: [edge, edge, edge, edge] }),
  });
  return { name, shape: [to, side(rows, height), side(columns, width)] };
}

/** The largest of each 2 x 2 pixels. */
export function halved({ g }: Building, x: Flow, stride: 1 | 2): Flow {
  const [channels, rows, columns] = x.shape;
  return {
    name: g.node('MaxPool', [x.name], {
      kernel_shape: [2, 2],
      strides: [stride, stride],
      auto_pad: 'SAME_UPPER',
    }),
    shape: [channels, Math.ceil(rows / stride), Math.ceil(columns / stride)],
  };
}

function dims(b: Building, name: string, count: number): [number, number, number, number] {
  const shape = b.weights.get(name)?.shape;
  if (shape?.length !== count)
    throw new RangeError(`${name} is ${shape === undefined ? 'missing' : `[${shape}]`}.`);
  const [h = 1, w = 1, from = 1, to = 1] = shape;
  return [h, w, from, to];
}

/** Values with their dimensions in another order: `order[i]` is the old place of the i-th new dimension. */
function turned(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const steps = shape.map((_, i) => shape.slice(i + 1).reduce((product, dim) => product * dim, 1));
  const [a = 1, b = 1, c = 1, d = 1] = order.map((i) => shape[i]!);
  const [sa = 0, sb = 0, sc = 0, sd = 0] = order.map((i) => steps[i]!);
  const out = new Float32Array(values.length);
  let n = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++)
        for (let l = 0; l < d; l++) out[n++] = values[i * sa + j * sb + k * sc + l * sd]!;
  return out;
}
