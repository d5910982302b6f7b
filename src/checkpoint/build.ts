/**
 * What a checkpoint becomes: the ONNX files of its network and the manifest that belongs to them.
 */
import { basename, join } from 'node:path';
import type { EncoderFile, ManifestFile } from '../inference/index.js';
import { convert, writeGraph } from './convert.js';
import type { ImportOptions } from './import.js';
import { Keys } from './networks/keys.js';
import { buildLatents } from './networks/musetalk.js';
import { type EncoderNetwork, type Network, shapes } from './networks/network.js';
import { recognise, recogniseEncoder } from './networks/recognise.js';
import { Weights } from './weights.js';

/** Files that lie in `scratch` now, and their manifest. */
export interface Made {
  readonly title: string;
  readonly manifest: ManifestFile | EncoderFile;
}

/** Makes a model of a checkpoint, in a folder of its own. @throws TalkError, RangeError as `importModel` */
export async function build(file: string, scratch: string, options: ImportOptions): Promise<Made> {
  const weights = await Weights.open(file);
  try {
    const encoder = recogniseEncoder(weights);
    if (encoder !== undefined) return await buildEncoder(weights, encoder, scratch, options);
    const network = recognise(weights, options);
    if (network.beside === undefined) {
      if (options.vae === undefined) return await buildFace(weights, network, scratch, options);
      throw new RangeError(`--vae says where the autoencoder of a MuseTalk is; this is ${network.title}.`);
    }
    if (options.vae === undefined) {
      throw new RangeError(
        'a MuseTalk is not whole without its autoencoder; say where it is: --vae sd-vae/diffusion_pytorch_model.bin (or .safetensors).',
      );
    }
    const vae = await Weights.open(options.vae);
    try {
      return await buildLatentFace(weights, vae, network, scratch, options);
    } finally {
      await vae.close();
    }
  } finally {
    await weights.close();
  }
}

async function buildFace(
  weights: Weights,
  network: Network,
  scratch: string,
  options: ImportOptions,
  beside?: Weights,
): Promise<Made & { readonly manifest: ManifestFile }> {
  const { title, family, features, size, colour = 'BGR', quantise } = network;
  const licence = options.licence ?? network.licence;
  const windowOffsetMs = options.windowOffsetMs ?? network.windowOffsetMs;
  const file = `${options.name}.onnx`;
  const made = await convert(weights, { ...network, licence, windowOffsetMs }, join(scratch, file), {
    fp16: options.fp16 ?? false,
    metadata: { source: basename(weights.path) },
    ...(beside === undefined ? {} : { beside }),
  });
  const manifest: ManifestFile = {
    name: options.name,
    description: `${title}, imported from ${basename(weights.path)}`,
    family,
    file,
    sha256: made.sha256,
    bytes: made.bytes,
    ...(made.weights === undefined ? {} : { weights: made.weights }),
    licence,
    size,
    features,
    'window-offset-ms': windowOffsetMs,
    pixels: 'bytes',
    inputs: shapes(made.inputs),
    outputs: shapes(made.outputs),
    colour,
    ...(quantise === undefined ? {} : { quantise }),
  };
  return { title, manifest };
}

/** Two files: the network, and what makes latents of an avatar's faces. */
async function buildLatentFace(
  weights: Weights,
  vae: Weights,
  network: Network,
  scratch: string,
  options: ImportOptions,
): Promise<Made> {
  const { title, manifest } = await buildFace(weights, network, scratch, options, vae);
  const file = 'latents.onnx';
  const graph = (g: Parameters<typeof buildLatents>[0]) => buildLatents(g, new Keys(vae));
  const { bytes, sha256 } = await writeGraph(vae.path, join(scratch, file), `${title} latents`, graph, {
    fp16: options.fp16 ?? false,
    metadata: { source: basename(vae.path) },
  });
  return { title, manifest: { ...manifest, latents: { file, sha256, bytes } } };
}

async function buildEncoder(
  weights: Weights,
  { title, family, licence, inputs, outputs, build: add }: EncoderNetwork,
  scratch: string,
  options: ImportOptions,
): Promise<Made> {
  const file = `${options.name}.onnx`;
  const said = options.licence ?? licence;
  const { bytes, sha256 } = await writeGraph(
    weights.path,
    join(scratch, file),
    title,
    (g) => add(g, new Keys(weights)),
    {
      fp16: options.fp16 ?? false,
      metadata: { family, licence: said, source: basename(weights.path) },
    },
  );
  const copied = (all: EncoderNetwork['inputs']) =>
    Object.fromEntries(Object.entries(all).map(([name, shape]) => [name, [...shape]]));
  return {
    title,
    manifest: {
      name: options.name,
      description: `${title}, imported from ${basename(weights.path)}`,
      family,
      file,
      sha256,
      bytes,
      licence: said,
      inputs: copied(inputs),
      outputs: copied(outputs),
    },
  };
}
