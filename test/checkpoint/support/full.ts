/**
 * Imports full-size checkpoints and compares every number of their outputs with what torch computed:
 *
 *     python3 test/fixtures/checkpoints.py --full DIR       1.6 GB
 *     node dist/test/checkpoint/support/full.js DIR
 *
 * Each import runs in a process of its own, so that its peak of memory is its own. Exit code 1 when one differs by more
 * than 1e-5 or takes more than 1.5 GB.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectedOf, importTo, readReferences, runOn, worst } from './reference.js';

const LIMIT = 1e-5;
const MOST_MEMORY = 1500;

const [folder, from, to] = process.argv.slice(2);
if (folder === undefined) throw new Error('Expected the folder that checkpoints.py --full wrote.');

if (from !== undefined && to !== undefined) {
  const started = process.cpuUsage();
  await importTo(from, to, from.includes('ave') ? { features: 'ave' } : {});
  // Of a core, so that others on the machine do not count.
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  console.log(JSON.stringify({ seconds, megabytes: peak() }));
} else {
  process.exitCode = (await compareAll(folder)) ? 0 : 1;
}

async function compareAll(folder: string): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'talkgraph-full-'));
  let good = true;
  console.log('| checkpoint | MB | ONNX MB | s of a core | peak RSS MB | largest difference to torch |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  try {
    for (const [name, reference] of Object.entries(readReferences(folder))) {
      const file = join(
        folder,
        readdirSync(folder).find((one) => /\.(pth|safetensors)$/.test(one) && one.startsWith(`${name}.`)) ??
          '',
      );
      const onnx = join(scratch, 'net.onnx');
      const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), folder, file, onnx], {
        encoding: 'utf8',
      });
      if (child.status !== 0) throw new Error(`${name}: ${child.stderr}`);
      const { seconds, megabytes } = JSON.parse(child.stdout) as { seconds: number; megabytes: number };
      const { out } = await runOn(onnx, reference, ['out']);
      const error = worst(out?.data as Float32Array, expectedOf(folder, name, reference), 1);
      const [mb, onnxMb] = [file, onnx].map((one) => (statSync(one).size / 1e6).toFixed(0));
      console.log(
        `| ${name} | ${mb} | ${onnxMb} | ${seconds.toFixed(1)} | ${megabytes.toFixed(0)} | ${error.toExponential(1)} |`,
      );
      good &&= error < LIMIT && megabytes < MOST_MEMORY;
      rmSync(onnx);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
  return good;
}

/** Peak of this process's memory in MB. Not `resourceUsage`, which a child inherits from who started it. */
function peak(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
}
