/**
 * The ends of a lip-sync net, inside its graph: a crop of bytes in, a patch of bytes out, so that nothing but bytes
 * crosses from thread to thread. What TypeScript would do per pixel (255 floats, two copies of the face, a mask, planes)
 * the runtime does, on a GPU where there is one.
 */
import type { Flow, GraphBuilder } from '../onnx/graph.js';

/** How a family shows a face to its net. */
export interface FaceInput {
  /** Side of the crop in pixels. */
  readonly size: number;
  /** Which copy comes first. */
  readonly order: 'masked-first' | 'whole-first';
  /** True for the pixels that the net does not see in the masked copy. */
  readonly hidden: (x: number, y: number) => boolean;
}

/** Input `face`: [S, S, 3] bytes, BGR. Gives six planes 0..1. */
export function faceInput(g: GraphBuilder, { size, order, hidden }: FaceInput): Flow {
  g.inputs.push({ name: 'face', type: 'uint8', shape: [size, size, 3] });
  const bytes = g.node('Transpose', ['face'], { perm: [0, 3, 1, 2] });
  const levels = g.node('Cast', [bytes], { to: 1 });
  const whole = g.node('Div', [levels, g.floats('levels', [], Float32Array.of(255))]);
  const mask = Float32Array.from({ length: size * size }, (_, i) =>
    hidden(i % size, Math.floor(i / size)) ? 0 : 1,
  );
  const masked = g.node('Mul', [whole, g.floats('mask', [1, 1, size, size], mask)]);
  const both = g.node('Concat', order === 'masked-first' ? [masked, whole] : [whole, masked], { axis: 1 });
  return inNet(g, { name: both, shape: [6, size, size] });
}

/** An input of floats, in the precision of the net. */
export function floatInput(g: GraphBuilder, name: string, shape: readonly [number, number, number]): Flow {
  g.inputs.push({ name, type: 'float32', shape });
  return inNet(g, { name, shape });
}

/**
 * Outputs `out`, [3, S, S] floats 0..1 in BGR, and `rgb`, [S, S, 3] bytes, cut as LiveTalking cuts them. Who asks for
 * one does not pay for the other.
 */
export function pictureOutput(g: GraphBuilder, x: Flow): void {
  const { shape } = x;
  const raw = g.precision === 'float32' ? x.name : g.node('Cast', [x.name], { to: 1 });
  g.named('out', 'Sigmoid', [raw]);
  const levels = g.node('Mul', ['out', 'levels']);
  const rgb = g.node('Gather', [levels, g.integers('bgr', [2, 1, 0])], { axis: 1 });
  const bytes = g.node('Cast', [rgb], { to: 2 });
  g.named('rgb', 'Transpose', [bytes], { perm: [0, 2, 3, 1] });
  g.outputs.push({ name: 'out', type: 'float32', shape });
  g.outputs.push({ name: 'rgb', type: 'uint8', shape: [shape[1], shape[2], shape[0]] });
}

function inNet(g: GraphBuilder, x: Flow): Flow {
  return g.precision === 'float32' ? x : { ...x, name: g.node('Cast', [x.name], { to: 10 }) };
}
