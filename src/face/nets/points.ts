/**
 * face-api.js' net of 68 points: dense blocks of separable convolutions, 350 thousand weights.
 *
 * Input `face` [112, 112, 3] bytes; output `points` [136, 1, 1]: x and y of each point in parts of the square.
 */
import { type Flow, GraphBuilder } from '../../checkpoint/onnx/graph.js';
import type { Weights } from '../weights.js';
import { type Building, bytesInput, conv, type Moving, separable } from './blocks.js';

/** Side of the crop it is shown. */
export const POINTS_SIZE = 112;
const MEAN = [122.782, 117.001, 104.298] as const;

/** The net as a graph. @throws RangeError when the weights are of another one */
export function buildPoints(weights: Weights): GraphBuilder {
  const g = new GraphBuilder();
  const b: Building = { g, weights };
  let x = bytesInput(b, POINTS_SIZE, MEAN);
  for (const block of ['dense0', 'dense1', 'dense2', 'dense3']) x = dense(b, x, block);
  const mean = g.node('GlobalAveragePool', [x.name]);
  const weightsOf = weights.get('fc/weights');
  if (weightsOf?.shape[0] !== 256 || weightsOf.shape[1] !== 136)
    throw new RangeError('fc/weights is not [256,136].');
  // A full layer over one pixel is a convolution over it.
  const full: Building = {
    g,
    weights: new Map([...weights, ['fc/weights', { ...weightsOf, shape: [1, 1, 256, 136] }]]),
  };
  const out = conv(full, { name: mean, shape: [256, 1, 1] }, 'fc/weights', 'fc/bias', { padding: 'valid' });
  g.named('points', 'Identity', [out.name]);
  g.outputs.push({ name: 'points', type: 'float32', shape: out.shape });
  return g;
}

/** Four layers, each of which sees the sum of those before. */
function dense(b: Building, x: Flow, name: string): Flow {
  const half: Moving = { stride: 2, padding: 'same' };
  const first =
    name === 'dense0'
      ? conv(b, x, `${name}/conv0/filters`, `${name}/conv0/bias`, half)
      : separable(b, x, `${name}/conv0`, half);
  let sum = relu(b, first);
  let flow = sum;
  for (const layer of ['conv1', 'conv2', 'conv3']) {
    const next = separable(b, flow, `${name}/${layer}`, { padding: 'same' });
    sum = { ...sum, name: b.g.node('Add', [sum.name, next.name]) };
    flow = relu(b, sum);
  }
  return flow;
}

function relu({ g }: Building, x: Flow): Flow {
  return { ...x, name: g.node('Relu', [x.name]) };
}
