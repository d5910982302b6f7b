/**
 * `talkgraph models`: which faces can talk here, and how one gets another.
 */
import { stat } from 'node:fs/promises';
import { TalkError } from '../element/error.js';
import { isListener, listModels, readModel } from '../inference/index.js';
import { EXIT } from './exit.js';
import { noWord } from './models-options.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph models [--json]
talkgraph models import FILE --name NAME [options]
talkgraph models import FOLDER --name NAME [options]
talkgraph models pull NAME | URL --name NAME [options]
talkgraph models check [NAME …] [--json]

Lists the models that are here: lip-sync models, whose names the property model= of featextract and lipsyncfilter takes,
encoders, which make the features that some of those hear, and listeners, with which vadfilter hears who speaks.

import makes one of a file that you have: a checkpoint of Wav2Lip (96, 256, 384 pixels) or Ultralight (.pth of either
torch format, pytorch_model.bin, .safetensors), or an ONNX file of such a network or of an encoder (HuBERT, Whisper, wenet,
the audio visual one). What it is says its content. No Python is needed, and nothing in the file is executed. docs/models.md
says more.

A MuseTalk is two files, unet.pth and the one that --vae names; as ONNX it is three, unet.onnx and those that --vae and
--vae-encoder name. Of a FOLDER laid out as LiveTalking's (models/musetalkV15, models/sd-vae, models/whisper), or with those
ONNX files, the MuseTalk is taken, and the encoder that it hears with.

  --name NAME              what it will be called
  --vae FILE               the autoencoder of a MuseTalk: diffusion_pytorch_model.bin or .safetensors; of a unet.onnx its
                           decoder, vae_decoder.onnx
  --vae-encoder FILE       its encoder, vae_encoder.onnx, which makes latents of avatars
  --fp16                   weights in half the size; for GPUs, a CPU computes no faster with them
  --size PIXELS            side of the face crop, where the network takes several
  --features KIND          hubert, wenet or ave, where shapes alone do not say
  --window-offset-ms MS    start of the feature window against its picture; default what the network was trained with
  --licence TEXT           who may use the weights for what
  --replace                takes the place of a model of that name
  --no-run                 do not run it once to see that it works and how fast

pull fetches the weights of a model whose model.yaml says where they are, or a file from an address, which is then
imported; options of import go along. What breaks off goes on with the same command. Compared with its SHA-256 where it is
known. HF_ENDPOINT names a mirror of huggingface.co, HF_TOKEN is shown there.

  --accept                 you agree to what the weights ask for
  --sha256 HASH            what the file at an address must be

check compares the weights with their model.yaml and runs each model once.

Models lie in the folder TALKGRAPH_MODELS names, or in ./models.
`;

/** Lists, or imports. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const [word] = args;
  if (word === 'import') return await (await import('./models-import.js')).run(args.slice(1), terminal);
  if (word === 'pull') return await (await import('./models-pull.js')).run(args.slice(1), terminal);
  if (word === 'check') return await (await import('./models-check.js')).run(args.slice(1), terminal);
  const { values, positionals } = readOptions(args, { json: { type: 'boolean' } });
  if (positionals.length > 0) throw noWord(positionals[0] ?? '');
  const found = await Promise.all((await listModels()).map(overview));
  terminal.out(
    values.json === true
      ? `${JSON.stringify(found, null, 2)}\n`
      : found.map((one) => line(one, found, terminal)).join(''),
  );
  return EXIT.ok;
}

interface Overview {
  readonly name: string;
  readonly description?: string;
  readonly family?: string;
  readonly size?: number;
  readonly features?: string;
  readonly licence?: string;
  readonly path?: string;
  /** Why it cannot be used. */
  readonly problem?: string;
}

async function overview(name: string): Promise<Overview> {
  try {
    const one = await readModel(name);
    const { family, licence, path, url } = one;
    const missing = await stat(path).then(
      () => undefined,
      () =>
        url === undefined
          ? `its weights are missing: ${path}`
          : `not fetched yet: talkgraph models pull ${name}`,
    );
    const face = 'size' in one ? { size: one.size, features: one.features } : {};
    return { name, family, ...face, licence, path, ...(missing && { problem: missing }) };
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    return { name, problem: error.message };
  }
}

function line(one: Overview, all: readonly Overview[], terminal: Terminal): string {
  const width = Math.max(...all.map(({ name }) => name.length)) + 2;
  const label = terminal.paint('name', one.name.padEnd(width), 'out');
  if (one.problem !== undefined) return `${label}${terminal.paint('warning', one.problem, 'out')}\n`;
  const role = isListener({ family: one.family ?? '' }) ? 'listener' : 'encoder';
  const kind =
    one.size === undefined ? `${one.family} ${role}` : `${one.family} ${one.size}, ${one.features}`;
  return `${label}${kind}; ${one.licence}\n`;
}
