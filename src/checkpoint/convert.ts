import { TalkError } from '../element/error.js';
import { Keys } from './networks/keys.js';
import type { Network } from './networks/network.js';
import { GraphBuilder } from './onnx/graph.js';
import { encodeModel, type Port } from './onnx/model.js';
import { type Written, writePart } from './onnx/write.js';
import type { Weights } from './weights.js';

/** An ONNX file that was made, and what it takes and gives. */
export interface Converted extends Written {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/**
 * Writes a network with its weights as ONNX: bytes in, bytes out, any batch.
 *
 * @param metadata stands in the file beside family, sizes and window
 * @throws TalkError stream/format for weights that do not fit the network, resource/no-space, resource/write
 */
export async function convert(
  weights: Weights,
  network: Network,
  to: string,
  { fp16 = false, metadata = {} }: { fp16?: boolean; metadata?: Readonly<Record<string, string>> } = {},
): Promise<Converted> {
  const graph = new GraphBuilder(fp16 ? 'float16' : 'float32');
  try {
    network.build(graph, new Keys(weights));
    const { title, family, size, features, windowOffsetMs, licence } = network;
    const facts = {
      family,
      size: String(size),
      features,
      'window-offset-ms': String(windowOffsetMs),
      licence,
    };
    const written = await writePart(
      to,
      encodeModel({ name: title, ...graph, metadata: { ...facts, ...metadata } }),
    );
    return { ...written, inputs: graph.inputs, outputs: graph.outputs };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TalkError('stream/format', `${weights.path}: ${error.message}`, { cause: error });
  }
}
