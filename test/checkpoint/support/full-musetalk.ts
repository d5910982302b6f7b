/**
 * Imports a full-size MuseTalk and its ears, runs them, and compares every number with what diffusers and transformers
 * computed:
 *
 *     python3 test/fixtures/musetalk.py --full DIR            3.9 GB
 *     node dist/test/checkpoint/support/full-musetalk.js DIR [fp16]
 *
 * Import and run are processes of their own, so that their peaks of memory are their own. Exit code 1 when one differs by
 * more than LIMITS say or the import takes more than 1.5 GB.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ort from 'onnxruntime-node';
import { importModels } from '../../../src/checkpoint/index.js';
import { differs, type Expected, inputsFor, type Part } from './musetalk.js';

/** In full and with float16. torch itself, in float32, differs from itself in float64 by 1.3e-4 in the latents. */
const LIMITS: Readonly<Record<Part, readonly [number, number]>> = {
  talk: [1e-5, 0.02],
  latents: [1e-4, 0.02],
  listen: [1e-4, 1e-4],
};
const MOST_MEMORY = 1500;
const FILES: Readonly<Record<Part, string>> = {
  talk: 'muse/muse.onnx',
  latents: 'muse/latents.onnx',
  listen: 'whisper/whisper.onnx',
};

const [folder, half, made, part] = process.argv.slice(2);
if (folder === undefined) throw new Error('Expected the folder that musetalk.py --full wrote.');
const fp16 = half === 'fp16';
const { expected } = JSON.parse(readFileSync(join(folder, 'musetalk.json'), 'utf8')) as {
  expected: Record<Part, Expected>;
};

if (made === undefined) process.exitCode = compareAll(folder) ? 0 : 1;
else if (part === undefined) await importAll(folder, made);
else await runOne(folder, made, part as Part);

async function importAll(from: string, to: string): Promise<void> {
  const started = performance.now();
  await importModels(from, { name: 'muse', folder: to, fp16 });
  console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, megabytes: peak() }));
}

async function runOne(from: string, at: string, part: Part): Promise<void> {
  const reference = expected[part];
  const { feeds, output } = inputsFor(part, reference);
  const session = await ort.InferenceSession.create(join(at, FILES[part]), { intraOpNumThreads: 1 });
  await session.run(feeds, [output]);
  const started = process.cpuUsage();
  const out = (await session.run(feeds, [output]))[output];
  // Of a core, so that others on the machine do not count.
  const seconds = process.cpuUsage(started).user / 1e6;
  console.log(JSON.stringify({ seconds, megabytes: peak(), error: differs(out, reference, from, part) }));
}

function compareAll(from: string): boolean {
  const scratch = mkdtempSync(join(tmpdir(), 'talkgraph-full-'));
  const child = (...args: string[]) => {
    const own = fileURLToPath(import.meta.url);
    const result = spawnSync(process.execPath, [own, from, fp16 ? 'fp16' : 'full', scratch, ...args], {
      encoding: 'utf8',
    });
    if (result.status !== 0) throw new Error(result.stderr);
    return JSON.parse(result.stdout) as { seconds: number; megabytes: number; error: number };
  };
  try {
    const imported = child();
    console.log(
      `imported in ${imported.seconds.toFixed(0)} s, at most ${imported.megabytes.toFixed(0)} MB of memory`,
    );
    let good = imported.megabytes < MOST_MEMORY;
    console.log('| file | MB | s a run on one core | peak RSS MB | largest difference |');
    console.log('| --- | --- | --- | --- | --- |');
    for (const part of Object.keys(FILES) as Part[]) {
      const { seconds, megabytes, error } = child(part);
      const row = [FILES[part], size(join(scratch, FILES[part])), seconds.toFixed(2), megabytes.toFixed(0)];
      console.log(`| ${row.join(' | ')} | ${error.toExponential(1)} |`);
      good &&= error < LIMITS[part][fp16 ? 1 : 0];
    }
    return good;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Megabytes of an ONNX file and of its weights beside it. */
function size(file: string): string {
  const folder = join(file, '..');
  const all = readdirSync(folder).filter((one) => join(folder, one).startsWith(file));
  return (all.reduce((sum, one) => sum + statSync(join(folder, one)).size, 0) / 1e6).toFixed(0);
}

/** Peak of this process's memory in MB. */
function peak(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
