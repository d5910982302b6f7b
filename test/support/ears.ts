/**
 * Encoders in 10 KB that let everything through: what reaches a row stands in its numbers. Their ends are those that exports
 * of the real ones have.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importModel } from '../../src/checkpoint/index.js';
import type { EncoderFamily } from '../../src/inference/index.js';
import { constant, model, node } from './onnx.js';

const ramp = (length: number, from = 1, to = 2) =>
  Array.from({ length }, (_, i) => from + ((to - from) * i) / length);

/** HuBERT's ends: the first half of each vector is the first sample under its kernel, the other half the last one. */
function hubert(width: number): Uint8Array {
  const taps = new Array<number>(800).fill(0);
  taps[0] = taps[799] = 1;
  const spread = Array.from({ length: 2 * width }, (_, i) => (i < width === i % width < width / 2 ? 1 : 0));
  return model({
    nodes: [
      node('Unsqueeze', ['input_values', 'one'], 'line'),
      node('Conv', ['line', 'taps'], 'ends', { kernel_shape: [400], strides: [320] }),
      node('Transpose', ['ends'], 'rows', { perm: [0, 2, 1] }),
      node('MatMul', ['rows', 'spread'], 'last_hidden_state'),
    ],
    constants: [
      constant('one', [1], [1], 'int64'),
      constant('taps', [2, 1, 400], taps),
      constant('spread', [2, width], spread),
    ],
    inputs: { input_values: ['samples'] },
    outputs: { last_hidden_state: ['rows', width] },
  });
}

/** Whisper's: a row is the mean of its mel frame, times a number of each layer and place. */
function whisper(frames: number | string, separate: boolean): Uint8Array {
  const layers = Array.from({ length: 5 }, (_, i) => `hidden_states.${i}`);
  const rows = typeof frames === 'number' ? frames / 2 : 'rows';
  return model({
    nodes: [
      node('Conv', ['input_features', 'mean'], 'line', { kernel_shape: [1], strides: [2] }),
      node('Transpose', ['line'], 'rows', { perm: [0, 2, 1] }),
      ...(separate
        ? layers.map((name, i) => node('Mul', ['rows', `ramp${i}`], name))
        : [node('Unsqueeze', ['rows', 'two'], 'deep'), node('Mul', ['deep', 'ramp'], 'stack')]),
    ],
    constants: [
      constant('two', [1], [2], 'int64'),
      constant('mean', [1, 80, 1], new Array<number>(80).fill(1 / 80)),
      constant('ramp', [1, 1, 5, 384], ramp(5 * 384)),
      ...layers.map((_, i) => constant(`ramp${i}`, [1, 1, 384], ramp(5 * 384).slice(384 * i, 384 * (i + 1)))),
    ],
    inputs: { input_features: [80, frames] },
    outputs: separate
      ? Object.fromEntries(layers.map((name) => [name, [rows, 384]]))
      : { stack: [rows, 5, 384] },
  });
}

/** wenet's: rows are the means of the first 16 banks, a hundredth of the offset, and what the caches hold. */
function wenet(): Uint8Array {
  return model({
    nodes: [
      node('ReduceMean', ['chunk'], 'means', { axes: [1, 3], keepdims: 0 }),
      node('Slice', ['means', 'zero', 'sixteen', 'one'], 'first'),
      node('Unsqueeze', ['first', 'two'], 'rows'),
      node('Mul', ['rows', 'ramp'], 'ramped'),
      node('Cast', ['offset'], 'at', { to: 1 }),
      node('Mul', ['at', 'hundredth'], 'part'),
      node('ReduceMean', ['att_cache'], 'cache', { axes: [0, 1, 2, 3], keepdims: 0 }),
      node('Add', ['ramped', 'part'], 'sum'),
      node('Add', ['sum', 'cache'], 'output'),
    ],
    constants: [
      constant('zero', [1], [0], 'int64'),
      constant('one', [1], [1], 'int64'),
      constant('two', [1], [2], 'int64'),
      constant('sixteen', [1], [16], 'int64'),
      constant('ramp', [1, 1, 512], ramp(512)),
      constant('hundredth', [1], [0.01]),
    ],
    inputs: {
      chunk: { type: 'float', dims: [1, 1, 67, 80] },
      offset: { type: 'int64', dims: [1] },
      att_cache: { type: 'float', dims: [3, 8, 16, 128] },
      cnn_cache: { type: 'float', dims: [3, 1, 512, 14] },
    },
    outputs: { output: { type: 'float', dims: [1, 16, 512] } },
  });
}

/** The audio visual encoder's: the mean of each band and frame, times a number of each place. */
function ave(): Uint8Array {
  return model({
    nodes: [
      node('ReduceMean', ['mel'], 'mean', { axes: [1, 2, 3], keepdims: 1 }),
      node('Flatten', ['mean'], 'flat', { axis: 1 }),
      node('Mul', ['flat', 'ramp'], 'embedding'),
    ],
    constants: [constant('ramp', [1, 512], ramp(512))],
    inputs: { mel: [1, 80, 16] },
    outputs: { embedding: [512] },
  });
}

/** The file of an encoder; `open`: with layers apart, or of the length of 30 s alone. */
export function ears(
  family: EncoderFamily,
  { width = 1024, frames = 'frames' as number | string, separate = false } = {},
): Uint8Array {
  if (family === 'hubert') return hubert(width);
  if (family === 'whisper') return whisper(frames, separate);
  return family === 'wenet' ? wenet() : ave();
}

/** Imports an encoder into `folder` under `name`; returns where it lies. */
export async function putEars(
  folder: string,
  family: EncoderFamily,
  options: { name?: string; width?: number; frames?: number; separate?: boolean } = {},
): Promise<string> {
  const { name = family, ...how } = options;
  const file = join(folder, `${name}.onnx`);
  writeFileSync(file, ears(family, how));
  await importModel(file, { name, folder, replace: true, licence: 'ours' });
  return join(folder, name);
}
