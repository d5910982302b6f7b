import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
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
import { LazyFile } from './file.js';
import type { NetworkOptions } from './networks/network.js';
import { contractOf } from './onnx/contract.js';
import { encoderOf } from './onnx/encoder.js';
import { hashOf } from './onnx/write.js';

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
  /** The autoencoder of a MuseTalk: `diffusion_pytorch_model.bin` or `.safetensors`. */
  readonly vae?: string;
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
  const { title, manifest } = describe(await describeFile(file), options);
  const onnx = `${options.name}.onnx`;
  await copyFile(file, join(scratch, onnx));
  await describeFile(join(scratch, onnx)).catch((cause: unknown) => {
    throw new RangeError(
      'its weights lie in files beside it; export it as one file (save_as_external_data=False).',
      { cause },
    );
  });
  const { size: bytes } = await stat(join(scratch, onnx));
  const common = {
    name: options.name,
    description: `${title}, imported from ${basename(file)}`,
    file: onnx,
    sha256: await hashOf(join(scratch, onnx)),
    bytes,
    licence: options.licence ?? 'not stated in the file',
  };
  return { title, manifest: { ...common, ...manifest } };
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

/** ONNX is protobuf without a magic number: it begins with its version, field 1, or with a text, field 2. */
async function isOnnx(file: string): Promise<boolean> {
  const lazy = await LazyFile.open(file);
  try {
    const [first] = await lazy.read({ at: 0, bytes: Math.min(1, lazy.size) });
    return first === 0x08 || first === 0x12 || (first !== 0x50 && first !== 0x80 && file.endsWith('.onnx'));
  } finally {
    await lazy.close();
  }
}
