/**
 * `talkgraph models`: which faces can talk here, and how one gets another.
 */
import { stat } from 'node:fs/promises';
import { importModel } from '../checkpoint/index.js';
import { TalkError } from '../element/error.js';
import { listModels, readManifest, WorkerPool } from '../inference/index.js';
import { EXIT, UsageError } from './exit.js';
import { importOptions, noWord } from './models-options.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph models [--json]
talkgraph models import FILE --name NAME [options]

Lists the lip-sync models that are here; the property model= of featextract and lipsyncfilter takes their names.

import makes one of a file that you have: a checkpoint of Wav2Lip (96, 256, 384 pixels) or Ultralight (.pth of either
torch format, pytorch_model.bin, .safetensors), or an ONNX file of such a network. What it is says its content. No Python is
needed, and nothing in the file is executed. docs/models.md says more.

  --name NAME              what it will be called
  --fp16                   weights in half the size; for GPUs, a CPU computes no faster with them
  --size PIXELS            side of the face crop, where the network takes several
  --features KIND          hubert, wenet or ave, where shapes alone do not say
  --window-offset-ms MS    start of the feature window against its picture; default what the network was trained with
  --licence TEXT           who may use the weights for what
  --replace                takes the place of a model of that name
  --no-run                 do not run it once to see that it works and how fast

Models lie in the folder TALKGRAPH_MODELS names, or in ./models.
`;

/** Lists, or imports. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const [word] = args;
  if (word === 'import') return await importOne(args.slice(1), terminal);
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

async function importOne(args: string[], terminal: Terminal): Promise<number> {
  const { file, run, options } = importOptions(args);
  const { name, title, folder } = await importModel(file, options).catch((error: unknown) => {
    // A name that is taken is the command line's fault, not the file's.
    if (error instanceof TalkError && error.code === 'resource/settings') throw new UsageError(error.message);
    throw error;
  });
  terminal.out(`${name}: ${title}, in ${folder}\n`);
  if (run) await tryOut(folder, terminal);
  return EXIT.ok;
}

/** Runs it once, and says what its speed means. */
async function tryOut(folder: string, terminal: Terminal): Promise<void> {
  const pool = new WorkerPool({ workers: 1 });
  try {
    const { manifest, timing } = await pool.load(await readManifest(folder));
    const fps = 1000 / timing.median;
    terminal.out(
      `One picture takes ${timing.median.toFixed(1)} ms on one core, ${fps.toFixed(1)} a second; live needs 25.\n`,
    );
    if (manifest.features === 'mel') return;
    terminal.out(
      `It hears ${manifest.features} features, which featextract does not make yet: feed lipsyncfilter with your own.\n`,
    );
  } finally {
    await pool.close();
  }
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
    const { family, size, features, licence, path } = await readManifest(name);
    const missing = await stat(path).then(
      () => undefined,
      () => `its weights are missing: ${path}`,
    );
    return { name, family, size, features, licence, path, ...(missing && { problem: missing }) };
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    return { name, problem: error.message };
  }
}

function line(one: Overview, all: readonly Overview[], terminal: Terminal): string {
  const width = Math.max(...all.map(({ name }) => name.length)) + 2;
  const label = terminal.paint('name', one.name.padEnd(width), 'out');
  if (one.problem !== undefined) return `${label}${terminal.paint('warning', one.problem, 'out')}\n`;
  return `${label}${one.family} ${one.size}, ${one.features}; ${one.licence}\n`;
}
