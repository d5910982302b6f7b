import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { TalkError } from '../element/error.js';
import {
  type Declared,
  describeFile,
  type EncoderFile,
  isModelName,
  type ManifestFile,
  modelFolders,
  writeManifest,
} from '../inference/index.js';
import { build, type Made } from './build.js';
import { takeLatentFace } from './latentfiles.js';
import type { NetworkOptions } from './networks/network.js';
import { contractOf } from './onnx/contract.js';
import { encoderOf } from './onnx/encoder.js';
import { isOnnx } from './onnx/isonnx.js';
import { isHalf, unetOf } from './onnx/latentface.js';
import { lookAt } from './onnx/look.js';
import { takeFile } from './onnx/take.js';

/** How to import. */
export interface ImportOptions extends NetworkOptions {
  /** What the model will be called. */
  readonly name: string;
  /** Folder of models; default the first of `modelFolders()`. */
  readonly folder?: string;
  /** Half the file; what that is worth depends on where it runs. Default false. */
  readonly fp16?: boolean;
  /** Start of the feature window against its frame, ms; default what the family was trained with. */
  readonly windowOffsetMs?: number;
  /** Who may use the weights for what. */
  readonly licence?: string;
  /** The autoencoder of a MuseTalk: `diffusion_pytorch_model.bin` or `.safetensors`; for a UNet as ONNX also its decoder as ONNX. */
  readonly vae?: string;
  /** The encoder of that autoencoder as ONNX. */
  readonly vaeEncoder?: string;
  /** Takes the place of a model of the same name. Default false. */
  readonly replace?: boolean;
}

/** A model that was imported. */
export interface Imported {
  readonly name: string;
  /** For people: what it is. */
  readonly title: string;
  /** Where it lies now. */
  readonly folder: string;
  readonly manifest: ManifestFile | EncoderFile;
}

/**
 * Makes a model of a file that somebody has: a checkpoint of torch, safetensors, or an ONNX file. It is there as a whole or
 * not at all.
 *
 * @throws TalkError resource/not-found, resource/read, resource/write, resource/no-space; stream/format for what is damaged,
 *   unknown or does not fit; stream/wrong-type for a checkpoint that calls for more than tensors; resource/settings for a
 *   name that is taken or cannot be one
 */
export async function importModel(file: string, options: ImportOptions): Promise<Imported> {
  const { name, folder = modelFolders()[0] ?? 'models', replace = false } = options;
  const to = join(folder, name);
  await demandName(name, to, replace);
  const onnx = await isOnnx(file);
  await mkdir(folder, { recursive: true });
  const scratch = join(folder, `.${name}-${randomUUID()}`);
  await mkdir(scratch);
  try {
    const { title, manifest } = await (onnx ? takeOver : build)(file, scratch, options);
    await writeManifest(scratch, manifest, `Imported by "talkgraph models import ${basename(file)}".`);
    if (replace) await rename(to, `${scratch}-old`).catch(() => undefined);
    await rename(scratch, to);
    await rm(`${scratch}-old`, { recursive: true, force: true });
    return { name, title, folder: to, manifest };
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    if (!(error instanceof RangeError)) throw error;
    throw new TalkError('stream/format', `${file}: ${error.message}`, {
      details: { path: file },
      cause: error,
    });
  }
}

/** An ONNX file stays as it is; the manifest says how it is to be fed. */
async function takeOver(file: string, scratch: string, options: ImportOptions): Promise<Made> {
  if (options.fp16 === true) {
    throw new RangeError('an ONNX file is taken as it is; --fp16 is for checkpoints.');
  }
  const look = await lookAt(file);
  const unet = unetOf(look);
  if (unet !== undefined) return await takeLatentFace(file, look, unet, scratch, options);
  demandWhole(file, isHalf(look), options);
  // Before anything opens it: it may name files as its weights that nobody should read.
  const taken = await takeFile(file, look, scratch, `${options.name}.onnx`);
  const { title, manifest } = describe(await describeFile(join(scratch, taken.file)), options);
  const common = {
    name: options.name,
    description: `${title}, imported from ${basename(file)}`,
    ...taken,
    licence: options.licence ?? 'not stated in the file',
  };
  return { title, manifest: { ...common, ...manifest } };
}

/** Half an autoencoder is no model, and nothing but a MuseTalk has one. */
function demandWhole(file: string, half: 'decoder' | 'encoder' | undefined, options: ImportOptions): void {
  if (half !== undefined) {
    throw new RangeError(
      `this looks like the ${half} of the autoencoder that belongs to a MuseTalk: "models import unet.onnx --vae vae_decoder.onnx --vae-encoder vae_encoder.onnx --name NAME" (here ${half === 'decoder' ? '--vae' : '--vae-encoder'} ${file}).`,
    );
  }
  if (options.vae === undefined && options.vaeEncoder === undefined) return;
  throw new RangeError(
    '--vae and --vae-encoder say where the autoencoder of a MuseTalk is; this is no UNet of one.',
  );
}

/** What a file is, as far as a manifest says it. */
function describe(declared: Declared, options: ImportOptions) {
  const encoder = encoderOf(declared);
  if (encoder !== undefined) {
    const { title, family, names, batch, inputs, outputs, constants } = encoder;
    const manifest = {
      family,
      ...(Object.keys(names).length > 0 ? { names: { ...names } } : {}),
      ...(batch === undefined ? {} : { batch }),
      inputs: copied(inputs),
      outputs: copied(outputs),
      ...(Object.keys(constants).length > 0 ? { constants: { ...constants } } : {}),
    };
    return { title: `${title} (ONNX)`, manifest };
  }
  const { family, size, features, windowOffsetMs, pixels, names, batch, inputs, outputs } = contractOf(
    declared,
    options,
  );
  const manifest = {
    family,
    size,
    features,
    'window-offset-ms': options.windowOffsetMs ?? windowOffsetMs,
    pixels,
    ...(Object.keys(names).length > 0 ? { names: { ...names } } : {}),
    ...(batch === undefined ? {} : { batch }),
    inputs: copied(inputs),
    outputs: copied(outputs),
    colour: 'BGR' as const,
  };
  return { title: `${family === 'wav2lip' ? 'Wav2Lip' : 'Ultralight'} ${size} (ONNX)`, manifest };
}

function copied<T>(all: Readonly<Record<string, readonly T[]>>): Record<string, T[]> {
  return Object.fromEntries(Object.entries(all).map(([name, shape]) => [name, [...shape]]));
}

async function demandName(name: string, to: string, replace: boolean): Promise<void> {
  if (!isModelName(name)) {
    throw new TalkError(
      'resource/settings',
      `"${name}" cannot be the name of a model: lower-case letters, digits, dot, dash and underscore, beginning with a letter or digit.`,
    );
  }
  if (!replace && (await stat(to).catch(() => undefined)) !== undefined) {
    throw new TalkError(
      'resource/settings',
      `There is a model ${name} already, in ${to}; --replace puts the new one in its place.`,
    );
  }
}
