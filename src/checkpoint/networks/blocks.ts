import { damaged } from '../file.js';
import type { Flow, GraphBuilder } from '../onnx/graph.js';
import type { Keys } from './keys.js';

/** A convolution as a layer table writes it. */
export interface Conv {
  /** Side of the kernel. */
  readonly kernel: number;
  readonly stride: number | readonly [number, number];
  /** Around it, or above, left, below, right. */
  readonly pad: number | readonly [number, number, number, number];
  /** Upsamples: with stride 2 to twice the size. */
  readonly transposed?: boolean;
  /** Each channel by itself. */
  readonly depthwise?: boolean;
  readonly bias?: boolean;
  /** What becomes of its numbers when they are written. */
  readonly change?: {
    readonly weight?: (numbers: Float32Array) => Float32Array;
    readonly bias?: (numbers: Float32Array) => Float32Array | Promise<Float32Array>;
  };
}

/**
 * Adds a convolution with its BatchNorm and checks that it fits what flows in.
 * @throws TalkError stream/format
 */
export function conv(
  g: GraphBuilder,
  keys: Keys,
  x: Flow,
  names: { conv: string; norm?: string },
  how: Conv,
): Flow {
  const { kernel, transposed = false, depthwise = false, bias = true, change = {} } = how;
  const pads = typeof how.pad === 'number' ? ([how.pad, how.pad, how.pad, how.pad] as const) : how.pad;
  const [channels, height, width] = x.shape;
  const through = depthwise ? 1 : channels;
  const shape = transposed ? [channels, undefined, kernel, kernel] : [undefined, through, kernel, kernel];
  const { conv: name, norm } = names;
  const folded =
    norm === undefined ? keys.plain(name, shape, bias) : keys.folded(name, norm, shape, { bias, transposed });
  if (depthwise && folded.out !== channels) {
    throw damaged(keys.weights.path, `${name} is not one filter for each of ${channels} channels.`);
  }
  const [down, across] = typeof how.stride === 'number' ? [how.stride, how.stride] : how.stride;
  const outPad = transposed && down > 1 ? 1 : 0;
  const size = (side: number, step: number, pad: number) =>
    transposed ? (side - 1) * step - pad + kernel + outPad : Math.floor((side + pad - kernel) / step) + 1;
  const weight = async () => (change.weight ?? same)(await folded.weight());
  const shift = async () => (change.bias ?? same)(await folded.bias());
  const flow: Flow = {
    name: g.node(
      transposed ? 'ConvTranspose' : 'Conv',
      [x.name, g.weights(`${name}.w`, folded.shape, weight), g.weights(`${name}.b`, [folded.out], shift)],
      {
        kernel_shape: [kernel, kernel],
        strides: [down, across],
        pads,
        ...(outPad > 0 ? { output_padding: [outPad, outPad] } : {}),
        ...(depthwise ? { group: channels } : {}),
      },
    ),
    shape: [folded.out, size(height, down, pads[0] + pads[2]), size(width, across, pads[1] + pads[3])],
  };
  if (flow.shape[1] < 1 || flow.shape[2] < 1) {
    throw damaged(
      keys.weights.path,
      `${name} gets a picture of ${height}x${width}, too small for its kernel.`,
    );
  }
  return flow;
}

function same(numbers: Float32Array): Float32Array {
  return numbers;
}

export function relu(g: GraphBuilder, x: Flow): Flow {
  return { ...x, name: g.node('Relu', [x.name]) };
}

/** @throws RangeError for two of different shapes, which ONNX might broadcast */
export function add(g: GraphBuilder, a: Flow, b: Flow): Flow {
  if (a.shape.some((dim, i) => dim !== b.shape[i])) {
    throw new RangeError(`[${a.shape.join()}] cannot be added to [${b.shape.join()}].`);
  }
  return { ...a, name: g.node('Add', [a.name, b.name]) };
}

/** One behind the other in the channels. */
export function concat(g: GraphBuilder, a: Flow, b: Flow): Flow {
  const [channels, height, width] = a.shape;
  if (b.shape[1] !== height || b.shape[2] !== width) {
    throw new RangeError(`${height}x${width} and ${b.shape[1]}x${b.shape[2]} do not go side by side.`);
  }
  return {
    name: g.node('Concat', [a.name, b.name], { axis: 1 }),
    shape: [channels + b.shape[0], height, width],
  };
}
