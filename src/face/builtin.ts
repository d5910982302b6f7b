/** The nets that come with the package: written as ONNX when they are opened, into a folder that goes with them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shapes } from '../checkpoint/networks/network.js';
import type { GraphBuilder } from '../checkpoint/onnx/graph.js';
import { encodeModel } from '../checkpoint/onnx/model.js';
import { writePart } from '../checkpoint/onnx/write.js';
import type { Net } from '../inference/index.js';
import { buildDetector } from './nets/detector.js';
import { buildPoints } from './nets/points.js';
import { readWeights } from './weights.js';

/** Net files in a temporary folder. */
export interface Builtin {
  readonly detector: Net;
  readonly points: Net;
  /** Deletes the files: once they are loaded nobody needs them. */
  remove(): Promise<void>;
}

/** Writes both nets, some 2 MB in 50 ms. @throws what `readWeights` throws; TalkError resource/write */
export async function writeBuiltin(): Promise<Builtin> {
  const folder = await mkdtemp(join(tmpdir(), 'talkgraph-faces-'));
  const write = async (
    name: string,
    build: (weights: Awaited<ReturnType<typeof readWeights>>) => GraphBuilder,
  ) => {
    const graph = build(await readWeights(name));
    const path = join(folder, `${name}.onnx`);
    const { nodes, constants, inputs, outputs } = graph;
    await writePart(
      path,
      encodeModel({ name, nodes, constants, inputs, outputs, metadata: { licence: 'MIT' } }),
    );
    return {
      name,
      path,
      pixels: 'bytes',
      inputs: shapes(inputs),
      outputs: shapes(outputs),
    } as const;
  };
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    return {
      detector: await write('tiny_face_detector_model', buildDetector),
      points: await write('face_landmark_68_model', buildPoints),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
