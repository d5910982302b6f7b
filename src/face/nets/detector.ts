/**
 * face-api.js' tiny face detector: a small YOLO of separable convolutions, 190 thousand weights.
 *
 * Input `face` [S, S, 3] bytes; output `grid` [25, N, N]: five anchors for each of N x N cells, each with the place of
 * its middle in the cell, the size against the anchor's, and a score.
 */
import { GraphBuilder } from '../../checkpoint/onnx/graph.js';
import type { Box } from '../../picture/picture.js';
import type { Weights } from '../weights.js';
import { type Building, bytesInput, conv, halved, separable } from './blocks.js';

/** Side of the picture that is searched; a multiple of 32. */
export const DETECTOR_SIZE = 416;
/** Cells along a side. */
export const DETECTOR_CELLS = DETECTOR_SIZE / 32;
/** Width and height of the anchors, in cells. */
const ANCHORS = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
] as const;
const MEAN = [117.001, 114.697, 97.404] as const;

/** The net as a graph. @throws RangeError when the weights are of another one */
export function buildDetector(weights: Weights): GraphBuilder {
  const g = new GraphBuilder();
  const b: Building = { g, weights };
  let x = bytesInput(b, DETECTOR_SIZE, MEAN);
  x = leaky(b, conv(b, x, 'conv0/filters', 'conv0/bias', { padding: 'valid' }));
  for (const name of ['conv1', 'conv2', 'conv3', 'conv4', 'conv5'])
    x = leaky(b, separable(b, halved(b, x, 2), name, { padding: 1 }));
  x = conv(b, halved(b, x, 1), 'conv8/filters', 'conv8/bias', { padding: 'valid' });
  g.named('grid', 'Identity', [x.name]);
  g.outputs.push({ name: 'grid', type: 'float32', shape: x.shape });
  return g;
}

function leaky({ g }: Building, x: { name: string; shape: readonly [number, number, number] }) {
  return { ...x, name: g.node('LeakyRelu', [x.name], { alpha: { float: 0.1 } }) };
}

/** A face in parts of the searched square. */
export interface Found {
  readonly box: Box;
  /** 0..1. */
  readonly score: number;
}

/** The faces in a `grid` whose score is at least `least`, doubles included. */
export function readGrid(grid: Float32Array, least: number): Found[] {
  const cells = DETECTOR_CELLS * DETECTOR_CELLS;
  const found: Found[] = [];
  for (const [anchor, [width, height]] of ANCHORS.entries()) {
    const plane = (n: number, at: number) => grid[(5 * anchor + n) * cells + at]!;
    for (let at = 0; at < cells; at++) {
      const score = sigmoid(plane(4, at));
      if (score < least) continue;
      const x = ((at % DETECTOR_CELLS) + sigmoid(plane(0, at))) / DETECTOR_CELLS;
      const y = (Math.floor(at / DETECTOR_CELLS) + sigmoid(plane(1, at))) / DETECTOR_CELLS;
      const w = (Math.exp(plane(2, at)) * width) / DETECTOR_CELLS;
      const h = (Math.exp(plane(3, at)) * height) / DETECTOR_CELLS;
      found.push({ box: { x: x - w / 2, y: y - h / 2, w, h }, score });
    }
  }
  return found;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
