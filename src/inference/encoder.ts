import { z } from 'zod';
import { TalkError } from '../element/error.js';
import { explain, readDocument, wrongManifest } from './document.js';
import { COMMON } from './fields.js';
import { listModels, modelFolders } from './folders.js';
import { isListener, type Listener, readListener } from './listener.js';
import { type Manifest, readManifest } from './manifest.js';
import { ENCODERS, type EncoderFamily, type Net, type WeightsFile } from './net.js';
import { placed, RUNS } from './placed.js';

/** A dimension that the file leaves open: as many as there are. */
export type OpenShape = readonly (number | 'any')[];

const shape = z.array(z.union([z.number().int().positive(), z.literal('any')])).min(1);

/** What the `model.yaml` of an encoder may hold. */
const schema = z.strictObject({
  // First, for it is what tells most of a file that is none of these.
  family: z.enum(ENCODERS),
  ...COMMON,
  weights: RUNS.weights,
  /** What the file calls an input or output, where that is not what we call it. */
  names: z.record(z.string(), z.string().min(1)).optional(),
  /** For a file that takes one row at a time. */
  batch: z.literal(1).optional(),
  inputs: z.record(z.string(), shape),
  outputs: z.record(z.string(), shape),
  /** Inputs of the file that are the same for every row: the number that fills them. */
  constants: z.record(z.string(), z.number()).optional(),
});

/** The `model.yaml` of an encoder as it stands in its file. */
export type EncoderFile = z.input<typeof schema>;

/** An encoder on this machine: what makes features of sound, for the lip-sync models that hear such. */
export interface Encoder {
  readonly name: string;
  readonly family: EncoderFamily;
  /** Absolute path of the ONNX file. */
  readonly path: string;
  readonly sha256?: string;
  /** Where its weights are, if not in that file itself. */
  readonly weights?: readonly WeightsFile[];
  /** Where it can be fetched, and how large it is. */
  readonly url?: string;
  readonly bytes?: number;
  readonly licence: string;
  /** What one agrees to by fetching the weights. */
  readonly consent?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly batch?: 1;
  /** Shapes of one row, without the batch dimension; what the file leaves open is `any`. */
  readonly inputs: Readonly<Record<string, OpenShape>>;
  readonly outputs: Readonly<Record<string, OpenShape>>;
  readonly constants?: Readonly<Record<string, number>>;
}

/** What the ends of each family are; `any` fits a number as well. */
const CONTRACTS: Readonly<Record<EncoderFamily, { input: string; shape: OpenShape; output: OpenShape }>> = {
  whisper: { input: 'mel', shape: [80, 'any'], output: ['any', 'any', 'any'] },
  hubert: { input: 'audio', shape: ['any'], output: ['any', 'any'] },
  wenet: { input: 'chunk', shape: [1, 67, 80], output: [16, 512] },
  ave: { input: 'mel', shape: [1, 80, 16], output: [512] },
};

/** True for a manifest of an encoder. */
export function isEncoder(model: { readonly family: string }): model is Encoder {
  return (ENCODERS as readonly string[]).includes(model.family);
}

/**
 * Reads the manifest of an encoder by name, or by the path of its folder or `model.yaml`.
 * @throws TalkError resource/not-found, resource/settings
 */
export async function readEncoder(model: string, folders = modelFolders()): Promise<Encoder> {
  const { folder, file, content } = await readDocument(model, folders);
  const { sha256, url, bytes, consent, names, batch, constants, ...m } = parseEncoder(file, content);
  return {
    name: m.name,
    family: m.family,
    ...placed(folder, { ...m, sha256 }),
    licence: m.licence,
    inputs: m.inputs,
    outputs: m.outputs,
    ...(url === undefined ? {} : { url }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(consent === undefined ? {} : { consent }),
    ...(names === undefined ? {} : { names }),
    ...(batch === undefined ? {} : { batch }),
    ...(constants === undefined ? {} : { constants }),
  };
}

/**
 * Reads the manifest of a model of any sort.
 * @throws TalkError resource/not-found, resource/settings
 */
export async function readModel(
  model: string,
  folders = modelFolders(),
): Promise<Manifest | Encoder | Listener> {
  const { content } = await readDocument(model, folders);
  const { family } = (content ?? {}) as { family?: unknown };
  if (typeof family === 'string' && isListener({ family })) return await readListener(model, folders);
  return (ENCODERS as readonly unknown[]).includes(family)
    ? await readEncoder(model, folders)
    : await readManifest(model, folders);
}

/**
 * What the `model.yaml` of an encoder holds, checked. `file` is for the message.
 * @throws TalkError resource/settings
 */
export function parseEncoder(file: string, content: unknown): z.output<typeof schema> {
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw wrongManifest(file, explain(parsed.error));
  const { family, inputs, outputs } = parsed.data;
  const { input, shape, output } = CONTRACTS[family];
  const [only, ...more] = Object.keys(inputs);
  if (only !== input || more.length > 0) {
    throw wrongManifest(file, `an encoder of the family ${family} has one input, ${input}`);
  }
  demand(file, `inputs.${input}`, inputs[input] ?? [], shape);
  const layers = Object.keys(outputs).filter((name) => /^hidden\.\d+$/.test(name));
  if (family === 'whisper' && outputs['hidden'] === undefined && layers.length > 0) {
    for (const [i, name] of layers.entries()) {
      if (name !== `hidden.${i}`) throw wrongManifest(file, `the layers are hidden.0, hidden.1, … in order`);
      demand(file, `outputs.${name}`, outputs[name] ?? [], ['any', 'any']);
    }
    return parsed.data;
  }
  const hidden = outputs['hidden'];
  if (hidden === undefined) throw wrongManifest(file, 'outputs: an output called hidden');
  // Exports of the ave encoder may have kept its 1x1 picture.
  const rest = family === 'ave' ? hidden.filter((dim, i) => i === 0 || dim !== 1) : hidden;
  demand(file, 'outputs.hidden', rest, output);
  return parsed.data;
}

/**
 * The encoder that a lip-sync model wants: the one its manifest names, or the first of that family in the folders.
 * @throws TalkError resource/not-found with what to do; resource/settings when what is named makes other features
 */
export async function findEncoder(
  { name, features, encoder }: Pick<Manifest, 'name' | 'features' | 'encoder'>,
  folders = modelFolders(),
): Promise<Encoder> {
  if (encoder !== undefined) {
    const found = await readEncoder(encoder, folders);
    if (found.family === features) return found;
    throw new TalkError(
      'resource/settings',
      `The model ${name} hears ${features} features, its encoder ${encoder} makes ${found.family} ones.`,
      { details: { model: name, encoder } },
    );
  }
  const model = await nameOfEncoder(features, folders);
  if (model !== undefined) return await readEncoder(model, folders);
  throw new TalkError(
    'resource/not-found',
    `The model ${name} hears ${features} features, and there is no encoder that makes them: import one with ` +
      `"talkgraph models import FILE.onnx --name ${features}", docs/models.md says where it comes from.`,
    { details: { model: name, features } },
  );
}

/** True when the folders have an encoder of a family. */
export async function hasEncoder(family: EncoderFamily, folders = modelFolders()): Promise<boolean> {
  return (await nameOfEncoder(family, folders)) !== undefined;
}

async function nameOfEncoder(family: string, folders: string[]): Promise<string | undefined> {
  for (const model of await listModels(folders)) {
    const found = await readDocument(model, folders).catch(() => undefined);
    if ((found?.content as { family?: unknown } | null)?.family === family) return model;
  }
  return undefined;
}

/**
 * An encoder as the pool runs it, with what its manifest leaves open filled in.
 * @param open how many there are, in order of the inputs' open dimensions and then of each output's
 */
export function netOf(encoder: Encoder, open: { readonly input: number; readonly rows: number }): Net {
  const { name, path, sha256, weights, names, batch, constants } = encoder;
  const fill = (shapes: Readonly<Record<string, OpenShape>>, n: number) =>
    Object.fromEntries(
      Object.entries(shapes).map(([port, dims]) => [port, dims.map((dim) => (dim === 'any' ? n : dim))]),
    );
  return {
    name,
    path,
    pixels: 'floats',
    inputs: fill(encoder.inputs, open.input),
    outputs: fill(encoder.outputs, open.rows),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(weights === undefined ? {} : { weights }),
    ...(names === undefined ? {} : { names }),
    ...(batch === undefined ? {} : { batch }),
    ...(constants === undefined ? {} : { constants }),
  };
}

function demand(file: string, name: string, found: OpenShape, want: OpenShape): void {
  const fits = found.length === want.length && want.every((n, i) => n === 'any' || n === found[i]);
  if (!fits || found.filter((dim) => dim === 'any').length > 1) {
    throw wrongManifest(file, `${name} must be [${want.join()}], at most one any, but is [${found}]`);
  }
}
