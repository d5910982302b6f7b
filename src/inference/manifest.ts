import { join } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../element/error.js';
import { explain, readDocument, wrongManifest } from './document.js';
import { FAMILIES, familyOf } from './families.js';
import { FEATURES, type Features } from './family.js';
import { COMMON, FILE } from './fields.js';
import { modelFolders } from './folders.js';
import { LISTENERS } from './listener.js';
import { ENCODERS, type Net } from './net.js';
import { placed, RUNS } from './placed.js';

const shape = z.array(z.number().int().positive()).min(1);

/** What a `model.yaml` may hold. Keys are kebab-case in the file, as everywhere a user types. */
const schema = z.strictObject({
  // First, for it is what tells most of a file that is none of these.
  family: z.enum(FAMILIES),
  ...COMMON,
  ...RUNS,
  /** The model that makes `latent` of a face when an avatar is made. */
  latents: z.strictObject({ ...FILE, ...RUNS }).optional(),
  // Rows of RGB are then whole words, as every video element expects them.
  size: z.number().int().min(8).max(1024).multipleOf(4),
  features: z.enum(FEATURES).default('mel'),
  /** The model that makes these features of sound; the first one of that family where nothing is said. */
  encoder: z.string().min(1).optional(),
  'window-offset-ms': z.number().min(-400).max(400),
  'level-dbfs': z.number().min(-60).max(0).optional(),
  /** `bytes`: `face` is a crop of [S, S, 3] bytes, `rgb` a patch of such; the file does the rest itself. */
  pixels: z.enum(['floats', 'bytes']).default('floats'),
  /** What the file calls an input or output, where that is not what we call it. */
  names: z.record(z.string(), z.string().min(1)).optional(),
  /** For a file that takes one row at a time. */
  batch: z.literal(1).optional(),
  inputs: z.record(z.string(), shape),
  outputs: z.record(z.string(), shape).refine((outputs) => 'out' in outputs, 'an output called out'),
  /** Order of the colours in `face` and `out`. */
  colour: z.enum(['BGR', 'RGB']).default('BGR'),
  /** How 0..1 becomes a byte: Wav2Lip cuts, a net that can return its input unchanged rounds. */
  quantise: z.enum(['truncate', 'round']).default('truncate'),
  /** A file beside this one that says which phonemes and visemes are which mouths; see src/lipsync/visemes.ts. */
  visemes: z
    .string()
    .regex(/^[\w-][\w.-]*\.json$/, 'the name of a JSON file in the same folder')
    .optional(),
  /** How the face is cut for it: a name under `crops` in an avatar.yaml; default the family. */
  crop: z
    .string()
    .regex(/^[a-z][\w-]{0,31}$/, 'lower-case letters, digits, dash and underscore')
    .optional(),
});

/** A `model.yaml` as it stands in its file. */
export type ManifestFile = z.input<typeof schema>;

/** A lip-sync model on this machine: its manifest and where it lies. */
export interface Manifest extends Net {
  /** Name of a file in src/lipsync/families. */
  readonly family: string;
  /** Where it can be fetched. */
  readonly url?: string;
  /** Size of the file. */
  readonly bytes?: number;
  readonly licence: string;
  /** What one agrees to by fetching the weights. */
  readonly consent?: string;
  /** Side of the square face crop and of the patch, in pixels. */
  readonly size: number;
  readonly features: Features;
  /** Name or folder of the model that makes the features, where the manifest names one. */
  readonly encoder?: string;
  /** Start of the feature window against the start of its video frame, in ms. */
  readonly windowOffsetMs: number;
  /** The level that speech is brought to before features are made of it, in dB of full scale: a speaker's loudest 20 ms. */
  readonly level?: number;
  /** Which of an avatar's boxes it is shown. */
  readonly crop: string;
  readonly colour: 'BGR' | 'RGB';
  readonly quantise: 'truncate' | 'round';
  /** Absolute path of the table of phonemes, where the model can be told a mouth. */
  readonly visemes?: string;
  /** What makes `latent` of `face`, [size, size, 3] bytes in BGR, where the model is shown latents. */
  readonly latents?: Net;
}

/**
 * Reads the manifest of a model by name, or by the path of its folder or `model.yaml`.
 * @throws TalkError resource/not-found, resource/settings
 */
export async function readManifest(model: string, folders = modelFolders()): Promise<Manifest> {
  const { folder, file, content } = await readDocument(model, folders);
  demandFace(model, content);
  const { sha256, names, batch, url, bytes, consent, encoder, latents, ...m } = parseManifest(file, content);
  return {
    name: m.name,
    family: m.family,
    ...placed(folder, { ...m, sha256 }),
    ...(names === undefined ? {} : { names }),
    ...(batch === undefined ? {} : { batch }),
    ...(url === undefined ? {} : { url }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(consent === undefined ? {} : { consent }),
    ...(encoder === undefined ? {} : { encoder }),
    ...(latents === undefined ? {} : { latents: { ...placed(folder, latents), ...latentNet(m) } }),
    licence: m.licence,
    size: m.size,
    features: m.features,
    windowOffsetMs: m['window-offset-ms'],
    pixels: m.pixels,
    ...(m['level-dbfs'] === undefined ? {} : { level: m['level-dbfs'] }),
    inputs: m.inputs,
    outputs: m.outputs,
    crop: m.crop ?? m.family,
    colour: m.colour,
    quantise: m.quantise,
    ...(m.visemes === undefined ? {} : { visemes: join(folder, m.visemes) }),
  };
}

/** What goes into the model that makes latents, and what comes out. */
function latentNet({ name, size, inputs }: Pick<z.output<typeof schema>, 'name' | 'size' | 'inputs'>) {
  const outputs = { latent: inputs['latent'] ?? [] };
  return { name, pixels: 'bytes', inputs: { face: [size, size, 3] }, outputs } as const;
}

/**
 * What a `model.yaml` holds, checked. `file` is for the message.
 * @throws TalkError resource/settings
 */
export function parseManifest(file: string, content: unknown): z.output<typeof schema> {
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw wrongManifest(file, explain(parsed.error));
  check(file, parsed.data);
  return parsed.data;
}

/** Encoders and listeners are models, too, but none that draws a mouth. */
function demandFace(model: string, content: unknown): void {
  const family = (content as { family?: unknown } | null)?.family;
  if ((LISTENERS as readonly unknown[]).includes(family)) {
    throw new TalkError(
      'resource/settings',
      `The model "${model}" hears whether somebody speaks and draws no mouth: it is for the property model of vadfilter.`,
      { details: { model } },
    );
  }
  if (!(ENCODERS as readonly unknown[]).includes(family)) return;
  throw new TalkError(
    'resource/settings',
    `The model "${model}" makes ${family} features for lip-sync models and draws no mouth itself: take a model that hears ${family}; it finds this one.`,
    { details: { model } },
  );
}

/** What a net must look like from outside. */
function check(file: string, manifest: z.output<typeof schema>): void {
  const { family, size, features, pixels, inputs, outputs } = manifest;
  const expect = (name: string, found: number[] | undefined, want: readonly (number | undefined)[]) => {
    if (found?.length !== want.length || found.some((n, i) => n !== (want[i] ?? n))) {
      throw wrongManifest(
        file,
        `${name} must be [${want.map((n) => n ?? 'any').join()}] for size ${size} but is [${found}]`,
      );
    }
  };
  const traits = familyOf(family);
  const { heard, shown } = traits;
  const known = [heard.name, shown, ...(traits.more ?? [])];
  const unknown = Object.keys(inputs).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw wrongManifest(file, `nothing fills an input ${unknown}; there are ${known.join(', ')}`);
  if (!traits.features.includes(features)) {
    throw wrongManifest(file, `a model of the family ${family} cannot have features of kind ${features}`);
  }
  expect(`inputs.${heard.name}`, inputs[heard.name], heard.shape);
  if (shown === 'latent') expect('inputs.latent', inputs['latent'], [8, size / 8, size / 8]);
  else
    expect(
      'inputs.face',
      inputs['face'],
      pixels === 'bytes' ? [size, size, 3] : [traits.planes ?? 6, size, size],
    );
  if (pixels === 'bytes') expect('outputs.rgb', outputs['rgb'], [size, size, 3]);
  expect('outputs.out', outputs['out'], [3, size, size]);
  const told = manifest.visemes !== undefined;
  if (!told && inputs['mouth'] === undefined && inputs['drive'] === undefined) return;
  expect('inputs.mouth', inputs['mouth'], [undefined]);
  expect('inputs.drive', inputs['drive'], [1]);
}
