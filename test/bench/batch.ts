/**
 * What batches bring on a GPU: Wav2Lip for 256 pixels, of the true layers with made-up weights, through the pool as sessions
 * use it: bytes in, bytes out, at batches of 1 to 32.
 *
 *   npm run bench -- batch                                     CUDA
 *   TALKGRAPH_BENCH_PROVIDER=webgpu npm run bench -- batch     another provider
 *   TALKGRAPH_BENCH_TFLOPS=67 npm run bench -- batch           what the device could do at most, for the ceiling
 *
 * Where the provider cannot be had it says why, and the CPU does one frame at a time, as a check of everything else.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importModel } from '../../src/checkpoint/index.js';
import { readManifest, readProviders, WorkerPool } from '../../src/inference/index.js';
import { PATCH_BYTES } from '../../src/lipsync/patchbytes.js';
import { progress, type Row, report } from './support/report.js';
import { operations, writeWav2Lip } from './support/wav2lip.js';

const BATCHES = [1, 4, 8, 16, 32];
const SECONDS = 5;
/** Batches before it counts: a net is planned anew for each size it meets. */
const WARM = 3;

const provider = process.env['TALKGRAPH_BENCH_PROVIDER'] ?? 'cuda';
const tflops = Number(process.env['TALKGRAPH_BENCH_TFLOPS'] ?? Number.NaN);
const folder = mkdtempSync(join(tmpdir(), 'talkgraph-batch-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const checkpoint = join(folder, 'wav2lip256.safetensors');
writeWav2Lip(checkpoint, 256);
progress(`a checkpoint of ${(statSync(checkpoint).size / 1e6).toFixed(0)} MB`);
await importModel(checkpoint, { name: 'wav2lip256', folder, licence: 'made up' });
const manifest = await readManifest('wav2lip256', [folder]);
const pool = new WorkerPool({ workers: 1 });
const model = await pool.load(manifest, {
  providers: readProviders(provider === 'cpu' ? 'cpu' : `${provider},cpu`),
  outputs: ['rgb'],
  finish: PATCH_BYTES,
});
progress(`runs on ${model.provider}: ${model.reason}`);

/** Keeps two batches of `size` under way until `enough`; how many frames were made. */
async function keepBusy(size: number, enough: (done: number) => boolean): Promise<number> {
  let done = 0;
  const speaker = async () => {
    const inputs = {
      mel: new Float32Array(80 * 16).fill(-2),
      face: new Uint8Array(3 * manifest.size ** 2).fill(127),
    };
    let into: Uint8Array<ArrayBuffer> | undefined;
    while (!enough(done)) {
      into = await model.infer({ inputs, into, batch: size });
      done++;
    }
  };
  await Promise.all(Array.from({ length: 2 * size }, speaker));
  return done;
}

const gflop = operations(256) / 1e9;
const ceiling = (tflops * 1000) / gflop;
const rows: Row[] = [];
for (const size of model.provider === 'cpu' ? [1] : BATCHES) {
  await keepBusy(size, (done) => done >= WARM * size);
  const { batches } = pool.counts;
  const started = performance.now();
  const n = await keepBusy(size, () => performance.now() - started > SECONDS * 1000);
  const fps = (1000 * n) / (performance.now() - started);
  const runs = pool.counts.batches - batches;
  progress(`batch ${size}: ${fps.toFixed(1)} fps, ${(n / runs).toFixed(1)} frames a run`);
  const notes = [
    `${(n / runs).toFixed(1)} frames a run, ${((fps * gflop) / 1000).toFixed(2)} TFLOP/s of ${gflop.toFixed(1)} GFLOP a frame`,
    ...(ceiling > 0
      ? [`${((100 * fps) / ceiling).toFixed(0)} % of the ${ceiling.toFixed(0)} fps of ${tflops} TFLOP/s`]
      : []),
    ...(model.provider === provider ? [] : [`not on ${provider}: ${model.reason}`]),
  ];
  rows.push({
    what: `Wav2Lip 256 on ${model.provider}, batch ${size}`,
    unit: 'fps',
    n,
    value: fps,
    note: notes.join('; '),
    ...(ceiling > 0 ? { ratio: { than: 'the ceiling', value: fps / ceiling } } : {}),
  });
}
await pool.close();
report(rows);
