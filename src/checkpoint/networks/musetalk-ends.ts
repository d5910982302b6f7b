/**
 * What stands around the networks of a MuseTalk: places of what is heard, the way from pixels, and the way to a picture.
 */
import type { Flow, GraphBuilder } from '../onnx/graph.js';
import { LATENT_CHANNELS } from './vae.js';

/** Side of the face, pixels. */
export const SIZE = 256;
/** Pixels along one side for each cell of a latent. */
const CELL = 8;
/** Cells along one side of a latent. */
export const SIDE = SIZE / CELL;
/** Vectors of a window: ten moments of 20 ms, the embedding and four layers of each. */
export const HEARD = 50;
/** What is shown of a face: the latent of its upper half, then of all of it. */
export const LATENT: Flow['shape'] = [2 * LATENT_CHANNELS, SIDE, SIDE];

/** Vectors with their places added, `asks` numbers each: all of a window. */
export function placedIn(g: GraphBuilder, vectors: string, asks: number): string {
  return g.node('Add', [vectors, g.once('places', [HEARD, asks], places(asks))]);
}

/** Sines and cosines of a vector's place, waves from 1 to 1/10000 (MuseTalk's `PositionalEncoding`). */
function places(width: number): number[] {
  return Array.from({ length: HEARD * width }, (_, i) => {
    const [place, at] = [Math.floor(i / width), i % width];
    const angle = place * 10000 ** (-(at - (at % 2)) / width);
    return at % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

/** Outputs `out` (0..1, RGB) and `rgb` (bytes) of a picture that may overstep its ends. */
export function picture(g: GraphBuilder, x: Flow): void {
  const { shape } = x;
  const raw = g.precision === 'float32' ? x.name : g.node('Cast', [x.name], { to: 1 });
  g.named('out', 'Clip', [raw, g.once('black', [], [0], 'float32'), g.once('white', [], [1], 'float32')]);
  // To the nearest level, of two equally near ones to the even one, as numpy rounds.
  const levels = g.node('Round', [g.node('Mul', ['out', g.once('levels', [], [255], 'float32')])]);
  g.named('rgb', 'Transpose', [g.node('Cast', [levels], { to: 2 })], { perm: [0, 2, 3, 1] });
  g.outputs.push({ name: 'out', type: 'float32', shape });
  g.outputs.push({ name: 'rgb', type: 'uint8', shape: [shape[1], shape[2], shape[0]] });
}

/**
 * Input `face`, [256, 256, 3] bytes, BGR, as planes from -1 to 1, red first: with its lower half black, and whole.
 */
export function facePixels(g: GraphBuilder): [masked: string, whole: string] {
  g.inputs.push({ name: 'face', type: 'uint8', shape: [SIZE, SIZE, 3] });
  const planes = g.node('Transpose', ['face'], { perm: [0, 3, 1, 2] });
  const rgb = g.node('Gather', [planes, g.shared([2, 1, 0])], { axis: 1 });
  const levels = g.node('Div', [g.node('Cast', [rgb], { to: 1 }), g.once('middle', [], [127.5], 'float32')]);
  const whole = g.node('Sub', [levels, g.once('white', [], [1], 'float32')]);
  const upper = g.node('Slice', [whole, g.shared([0]), g.shared([SIZE / 2]), g.shared([2])]);
  const below = [0, 0, 0, 0, 0, 0, SIZE / 2, 0];
  const masked = g.node('Pad', [upper, g.shared(below), g.once('black', [], [-1], 'float32')]);
  return [masked, whole];
}

/** A value of float32 in the precision of the net. */
export function inNet(g: GraphBuilder, name: string): string {
  return g.precision === 'float32' ? name : g.node('Cast', [name], { to: 10 });
}
