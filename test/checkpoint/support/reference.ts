import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ort from 'onnxruntime-node';
import { convert } from '../../../src/checkpoint/convert.js';
import type { Network } from '../../../src/checkpoint/networks/network.js';
import { recognise } from '../../../src/checkpoint/networks/recognise.js';
import { Weights } from '../../../src/checkpoint/weights.js';
import { inputsFor } from './noise.js';

/** What expected.json says of a checkpoint. */
export interface Reference {
  readonly size: number;
  readonly audio: readonly number[];
  readonly batch: number;
  readonly params: number;
  /** Every how-manieth output is known. */
  readonly stride: number;
  /** Base64 of float32; absent where a file beside holds them. */
  readonly values?: string;
}

export function readReferences(folder: string): Record<string, Reference> {
  return JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
}

/** What torch gave. */
export function expectedOf(folder: string, name: string, { values }: Reference): Float32Array {
  const bytes =
    values === undefined ? readFileSync(join(folder, `${name}.out.f32`)) : Buffer.from(values, 'base64');
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** Imports a checkpoint to an ONNX file. */
export async function importTo(
  from: string,
  to: string,
  options: { fp16?: boolean; features?: string } = {},
): Promise<Network> {
  const weights = await Weights.open(from);
  try {
    const network = recognise(weights, options);
    await convert(weights, network, to, options);
    return network;
  } finally {
    await weights.close();
  }
}

/** Runs an imported file on the noise. */
export async function runOn(file: string, { size, audio, batch }: Reference, outputs: readonly string[]) {
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  try {
    const inputs = inputsFor(size, audio, batch);
    const heard = session.inputNames.includes('mel') ? 'mel' : 'audio';
    return await session.run(
      {
        [heard]: new ort.Tensor('float32', inputs.audio, [batch, ...audio]),
        face: new ort.Tensor('uint8', inputs.face, [batch, size, size, 3]),
      },
      [...outputs],
    );
  } finally {
    await session.release();
  }
}

/** The largest difference to what torch gave. */
export function worst(out: Float32Array, expected: Float32Array, stride: number): number {
  return expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (out[i * stride] ?? Number.NaN))),
    0,
  );
}
