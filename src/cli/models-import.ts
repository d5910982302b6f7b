/**
 * `talkgraph models import`: a model of a file that somebody has.
 */
import { importModels } from '../checkpoint/index.js';
import { TalkError } from '../element/error.js';
import {
  ENCODERS,
  findEncoder,
  type Manifest,
  readEncoder,
  readManifest,
  WorkerPool,
} from '../inference/index.js';
import { tryEncoder } from './encoder-trial.js';
import { EXIT, UsageError } from './exit.js';
import { type ImportRequest, importOptions } from './models-options.js';
import type { Terminal } from './terminal.js';

/** Imports what the words say. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  return await importFrom(importOptions(args), terminal);
}

/** Imports what is here. */
export async function importFrom(request: ImportRequest, terminal: Terminal): Promise<number> {
  const { file, run, options } = request;
  const made = await importModels(file, options).catch((error: unknown): never => {
    // A name that is taken is the command line's fault, not the file's.
    if (error instanceof TalkError && error.code === 'resource/settings') throw new UsageError(error.message);
    throw error;
  });
  for (const { name, title, folder } of made) terminal.out(`${name}: ${title}, in ${folder}\n`);
  if (!run) return EXIT.ok;
  for (const { folder, manifest } of made) {
    if (makesFeatures(manifest.family)) await tryEncoder(await readEncoder(folder), terminal);
    else await tryOut(folder, terminal);
  }
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
    if (manifest.features !== 'mel') terminal.out(`${await hears(manifest)}\n`);
  } finally {
    await pool.close();
  }
}

/** Who makes the features that a model hears, or what is missing. */
async function hears(manifest: Manifest): Promise<string> {
  try {
    const { name } = await findEncoder(manifest);
    return `It hears ${manifest.features} features; the encoder ${name} makes them.`;
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    return error.message;
  }
}

function makesFeatures(family: string): boolean {
  return (ENCODERS as readonly string[]).includes(family);
}
