/**
 * A MuseTalk of ONNX files that somebody else exported: they stay as they are, and between them go small ones, which do what
 * their callers do in Python.
 */
import { basename, join } from 'node:path';
import type { DeclaredPort, ManifestFile } from '../inference/index.js';
import type { Made } from './build.js';
import { writeGraph } from './convert.js';
import type { ImportOptions } from './import.js';
import { Keys } from './networks/keys.js';
import { buildLatents, LICENCE, OFFSET_MS } from './networks/musetalk.js';
import { HEARD, LATENT, picture, SIZE } from './networks/musetalk-ends.js';
import { decoder } from './networks/vae.js';
import { begin, between, end, faces, isOpen, latents, painted } from './onnx/glue.js';
import type { GraphBuilder } from './onnx/graph.js';
import { isOnnx } from './onnx/isonnx.js';
import { clipped, decoderOf, encoderOf, type UNetFile } from './onnx/latentface.js';
import { type Look, lookAt } from './onnx/look.js';
import { takeFile } from './onnx/take.js';
import { Weights } from './weights.js';

type Step = NonNullable<ManifestFile['next']>[number];
type Latents = NonNullable<ManifestFile['latents']>;

/** What stands behind the UNet, and what makes latents. */
interface Rest {
  readonly next: Step[];
  readonly latents?: Latents;
  /** All ports of files that are not ours. */
  readonly ports: readonly DeclaredPort[];
}

/**
 * Makes a model of a UNet and of what belongs to it (`vae`, `vaeEncoder`).
 * @throws RangeError for files that do not fit; TalkError as `importModel`
 */
export async function takeLatentFace(
  file: string,
  look: Look,
  unet: UNetFile,
  scratch: string,
  options: ImportOptions,
): Promise<Made> {
  const { name, vae, vaeEncoder } = options;
  const files = [file, vae, vaeEncoder].filter((one) => one !== undefined);
  const first = await write(file, scratch, 'begin.onnx', (g) => begin(g, unet));
  const paints = {
    ...(await takeFile(file, look, scratch, `unet/${basename(file)}`)),
    ...momentOf(unet),
    outputs: ['painted'],
  };
  const rest = await (unet.whole
    ? wholeRest(file, look, unet, scratch, options)
    : vaeRest(file, unet, scratch, options));
  const batch = [unet.latent, unet.audio, unet.out, ...rest.ports]
    .map(batchOf)
    .find((one) => one !== undefined);
  const manifest: ManifestFile = {
    name,
    description: `MuseTalk, imported from ${files.map((one) => basename(one)).join(', ')}`,
    family: 'musetalk',
    ...first,
    next: [paints, ...rest.next],
    ...(rest.latents === undefined ? {} : { latents: rest.latents }),
    licence: options.licence ?? LICENCE,
    size: SIZE,
    features: 'whisper',
    'window-offset-ms': options.windowOffsetMs ?? OFFSET_MS,
    pixels: 'bytes',
    ...(batch === undefined ? {} : { batch }),
    inputs: { latent: [...LATENT], audio: [HEARD, unet.asks] },
    outputs: { out: [3, SIZE, SIZE], rgb: [SIZE, SIZE, 3] },
    colour: 'RGB',
    quantise: 'round',
  };
  return { title: 'MuseTalk (ONNX)', manifest };
}

/** What goes into the UNet; its moment is 0, for each row or for all of them. */
function momentOf({ latent, audio, moment, out }: UNetFile): Pick<Step, 'inputs' | 'names' | 'constants'> {
  const names = { shown: latent.name, heard: audio.name, painted: out.name };
  if (moment === undefined) return { inputs: ['shown', 'heard'], names };
  if (isOpen(moment))
    return { inputs: ['shown', 'heard', 'moment'], names: { ...names, moment: moment.name } };
  return { inputs: ['shown', 'heard'], names, constants: { [moment.name]: 0 } };
}

/** Of a UNet that gives pictures by itself. */
async function wholeRest(
  file: string,
  look: Look,
  unet: UNetFile,
  scratch: string,
  { vae, vaeEncoder }: ImportOptions,
): Promise<Rest> {
  if (vae !== undefined) throw new RangeError('it gives pictures by itself; leave --vae out.');
  const unit = clipped(look, unet.out.name);
  const last = await write(file, scratch, 'end.onnx', (g) => end(g, 'painted', unet.out, unit));
  const encodes = await encoderRest(vaeEncoder, scratch);
  return { ...encodes, next: [{ ...last, inputs: ['painted'], outputs: ['out', 'rgb'] }] };
}

/** Of one that gives latents: the autoencoder, as ONNX or as a checkpoint. */
async function vaeRest(
  file: string,
  unet: UNetFile,
  scratch: string,
  { vae, vaeEncoder }: ImportOptions,
): Promise<Rest> {
  if (vae === undefined) {
    throw new RangeError(
      'a MuseTalk is not whole without its autoencoder; say where it is: --vae vae_decoder.onnx --vae-encoder vae_encoder.onnx, or --vae sd-vae/diffusion_pytorch_model.bin.',
    );
  }
  if (!(await isOnnx(vae))) return await checkpointRest(unet, vae, scratch, vaeEncoder);
  const look = await lookAt(vae);
  const half = at(vae, () => decoderOf(look));
  const joins = await write(file, scratch, 'between.onnx', (g) => between(g, unet, half));
  const last = await write(file, scratch, 'end.onnx', (g) => end(g, 'picture', half.output, half.unit));
  const decodes: Step = {
    ...(await takeFile(vae, look, scratch, `decoder/${basename(vae)}`)),
    inputs: ['scaled'],
    outputs: ['picture'],
    names: { scaled: half.input.name, picture: half.output.name },
  };
  const encodes = await encoderRest(vaeEncoder, scratch);
  return {
    ...encodes,
    next: [
      { ...joins, inputs: ['painted'], outputs: ['scaled'] },
      decodes,
      { ...last, inputs: ['picture'], outputs: ['out', 'rgb'] },
    ],
    ports: [half.input, half.output, ...encodes.ports],
  };
}

/** Both halves of the autoencoder are made as for a checkpoint of the UNet. */
async function checkpointRest(
  unet: UNetFile,
  vae: string,
  scratch: string,
  vaeEncoder: string | undefined,
): Promise<Rest> {
  if (vaeEncoder !== undefined) {
    throw new RangeError('the checkpoint that --vae names holds the encoder, too; leave --vae-encoder out.');
  }
  const weights = await Weights.open(vae);
  try {
    const decodes = await write(vae, scratch, 'decoder.onnx', (g) => {
      const keys = new Keys(weights);
      picture(g, decoder(g, keys, painted(g, unet)));
      keys.end('the autoencoder of Stable Diffusion');
    });
    const encodes = await write(vae, scratch, 'latents.onnx', (g) => buildLatents(g, new Keys(weights)));
    return {
      next: [{ ...decodes, inputs: ['painted'], outputs: ['out', 'rgb'] }],
      latents: encodes,
      ports: [],
    };
  } finally {
    await weights.close();
  }
}

/** What makes latents: the encoder, of the face with its lower half black and of the whole one. */
async function encoderRest(file: string | undefined, scratch: string): Promise<Omit<Rest, 'next'>> {
  if (file === undefined) return { ports: [] };
  if (!(await isOnnx(file))) {
    throw new RangeError(`${file} is no ONNX file; a checkpoint, which holds both halves, is for --vae.`);
  }
  const look = await lookAt(file);
  const half = at(file, () => encoderOf(look));
  const begins = await write(file, scratch, 'faces.onnx', (g) => faces(g, half));
  const taken = await takeFile(file, look, scratch, `encoder/${basename(file)}`);
  const encodes = (shown: string, gives: string): Step => ({
    ...taken,
    inputs: [shown],
    outputs: [gives],
    names: { [shown]: half.input.name, [gives]: half.output.name },
  });
  const ends = await write(file, scratch, 'latents.onnx', (g) => latents(g, half));
  const next = [
    encodes('masked', 'first'),
    encodes('whole', 'second'),
    { ...ends, inputs: ['first', 'second'], outputs: ['latent'] },
  ];
  return { latents: { ...begins, next }, ports: [half.input, half.output] };
}

/** Writes a file of ours. @param from whose it is, for messages */
async function write(from: string, scratch: string, file: string, build: (g: GraphBuilder) => void) {
  const { bytes, sha256 } = await writeGraph(from, join(scratch, file), `musetalk ${file}`, build);
  return { file, bytes, sha256 };
}

function batchOf({ name, shape: [batch] }: DeclaredPort): 1 | undefined {
  if (typeof batch !== 'number') return undefined;
  if (batch === 1) return 1;
  throw new RangeError(
    `${name} takes exactly ${batch} rows at a time; export it with one, or with any number.`,
  );
}

/** What is wrong with another file than the one that is imported says its path. */
function at<T>(path: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${path}: ${error.message}`, { cause: error }) : error;
  }
}
