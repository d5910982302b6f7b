/**
 * Imports encoders that `python3 test/fixtures/encoders.py --full DIR` exported and compares what they make of sound with what
 * torch made of it:
 *
 *     node dist/test/checkpoint/support/encoders.js DIR
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importModel } from '../../../src/checkpoint/index.js';
import { Encoding } from '../../../src/features/encoding.js';
import type { Pending } from '../../../src/features/windows.js';
import { type Encoder, netOf, readEncoder, WorkerPool } from '../../../src/inference/index.js';
import { noise } from './noise.js';

/** Some of the numbers of an output, evenly. */
interface Kept {
  readonly numbers: number;
  readonly values: readonly number[];
}

/** What torch made of one encoder's input. */
export interface Reference {
  /** Of `noise(…, seed)` in that shape. */
  readonly tries: readonly (Kept & { readonly shape: readonly number[]; readonly seed: number })[];
  /** Windows of the 16 frames of one of LiveTalking's steps, of the speech in mel-reference.json. */
  readonly windows?: Kept;
}

/** References by the name of their file. */
export function readReferences(file: string): Readonly<Record<string, Reference>> {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What came of comparing one encoder. */
export interface Comparison {
  readonly title: string;
  /** Largest difference of any number, and the largest number there was. */
  readonly worst: number;
  readonly largest: number;
  /** Largest difference of any number of the windows of speech. */
  readonly heard: number | undefined;
  /** Time of each try, ms on one thread. */
  readonly took: readonly number[];
}

/** Imports an encoder into `folder` and runs it on what torch was given. */
export async function compareEncoder(
  file: string,
  name: string,
  { tries, windows }: Reference,
  folder: string,
): Promise<Comparison> {
  const { title } = await importModel(file, { name, folder, licence: 'none, random' });
  const encoder = await readEncoder(join(folder, name));
  const pool = new WorkerPool({ workers: 1 });
  try {
    let [worst, largest] = [0, 0];
    const took: number[] = [];
    for (const one of tries) {
      const length = one.shape.at(-1) ?? 0;
      const rows = encoder.family === 'hubert' ? Math.floor((length - 80) / 320) : length / 2;
      const net = netOf(encoder, { input: length, rows });
      const model = await pool.load(net);
      const [port = ''] = Object.keys(net.inputs);
      const count = one.shape.reduce((product, dim) => product * dim, 1);
      const input = Float32Array.from(noise(count, one.seed), (n) => n / 32768 - 1);
      const { hidden } = await model.infer({ inputs: { [port]: input } });
      worst = Math.max(worst, apart(hidden as Float32Array, one));
      largest = Math.max(largest, ...one.values.map(Math.abs));
      took.push(model.timing.median);
    }
    const heard = windows && apart(await windowsOf(encoder, pool), windows);
    return { title, worst, largest, heard, took };
  } finally {
    await pool.close();
  }
}

function apart(found: Float32Array, { numbers, values }: Kept): number {
  if (found.length !== numbers) throw new Error(`It gave ${found.length} numbers, not ${numbers}.`);
  const step = Math.max(1, Math.floor(numbers / 100));
  return values.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (found[i * step] ?? Number.NaN))),
    0,
  );
}

/** Windows of the first 16 frames, side by side; before them lie ten chunks, as LiveTalking keeps them. */
async function windowsOf(encoder: Encoder, pool: WorkerPool): Promise<Float32Array> {
  const fixture = new URL('../../../../test/fixtures/mel-reference.json', import.meta.url);
  const { samples } = JSON.parse(readFileSync(fixture, 'utf8')) as { samples: string };
  const bytes = Uint8Array.from(Buffer.from(samples, 'base64'));
  const framerate = { num: 25, den: 1 };
  const common = { framerate, shape: undefined, offsetMs: undefined, providers: ['cpu'] } as const;
  const encoding = await Encoding.load(encoder, { ...common, context: 'reference', pool });
  const { signal } = new AbortController();
  const windows = encoding.windows({ signal, deadline: () => ({}), missed: () => undefined });
  const given: Pending[] = [];
  windows.restart(-3200);
  windows.push(new Int16Array(bytes.buffer), (frame, window) => {
    if (frame >= 0) given.push(window);
  });
  const made = await Promise.all(given.slice(0, 16));
  return Float32Array.from(made.flatMap((window) => [...(window ?? [])]));
}

const [script, dir] = process.argv.slice(1);
if (script === fileURLToPath(import.meta.url) && dir !== undefined) {
  const scratch = mkdtempSync(join(tmpdir(), 'talkgraph-encoders-'));
  console.log(
    '| encoder | MB | of noise | of numbers up to | of speech, as LiveTalking hears it | ms on one core |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  try {
    for (const [name, reference] of Object.entries(readReferences(join(dir, 'expected.json')))) {
      const file = join(dir, `${name}.onnx`);
      const { worst, largest, heard, took } = await compareEncoder(file, name, reference, scratch);
      const mb = (statSync(file).size / 1e6).toFixed(0);
      const times = took.map((ms) => ms.toFixed(0)).join(', ');
      console.log(
        `| ${name} | ${mb} | ${worst.toExponential(1)} | ${largest.toFixed(1)} | ${heard?.toExponential(1) ?? ''} | ${times} |`,
      );
      if (!(worst < 1e-3 && (heard ?? 0) < 1e-3)) process.exitCode = 1;
      rmSync(join(scratch, name), { recursive: true });
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
