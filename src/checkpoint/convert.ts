import { TalkError } from '../element/error.js';
import { Keys } from './networks/keys.js';
import type { Network } from './networks/network.js';
import { type WrittenModel, writeModel } from './onnx/apart.js';
import { GraphBuilder } from './onnx/graph.js';
import type { Port } from './onnx/model.js';
import type { Weights } from './weights.js';

/** An ONNX file that was made, and what it takes and gives. */
export interface Converted extends WrittenModel {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** How a file is made. */
export interface ConvertOptions {
  /** Weights in half the size. Default false. */
  readonly fp16?: boolean;
  /** Stands in the file. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Bytes of weights that stay in the file itself; default 1 GB. */
  readonly most?: number;
}

/**
 * Writes a network with its weights as ONNX: bytes in, bytes out, any batch.
 *
 * @param beside weights of the network that lie in another file
 * @throws TalkError stream/format for weights that do not fit the network, resource/no-space, resource/write
 */
export async function convert(
  weights: Weights,
  network: Network,
  to: string,
  options: ConvertOptions & { readonly beside?: Weights } = {},
): Promise<Converted> {
  const { title, family, size, features, windowOffsetMs, licence } = network;
  const facts = {
    family,
    size: String(size),
    features,
    'window-offset-ms': String(windowOffsetMs),
    licence,
    ...options.metadata,
  };
  const beside = options.beside === undefined ? undefined : new Keys(options.beside);
  const build = (g: GraphBuilder) => network.build(g, new Keys(weights), beside);
  return writeGraph(weights.path, to, title, build, { ...options, metadata: facts });
}

/**
 * Writes what `build` makes of a checkpoint.
 * @param from path of the checkpoint, for messages
 */
export async function writeGraph(
  from: string,
  to: string,
  name: string,
  build: (graph: GraphBuilder) => void,
  { fp16 = false, metadata = {}, most }: ConvertOptions = {},
): Promise<Converted> {
  const graph = new GraphBuilder(fp16 ? 'float16' : 'float32');
  try {
    build(graph);
    const { nodes, constants, inputs, outputs } = graph;
    const written = await writeModel(to, { name, nodes, constants, inputs, outputs, metadata }, most);
    return { ...written, inputs, outputs };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TalkError('stream/format', `${from}: ${error.message}`, { cause: error });
  }
}
