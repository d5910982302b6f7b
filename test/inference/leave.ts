/** A process that ends while models run ends with its own exit code: nothing aborts it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { Door } from '../../src/inference/door.js';

const INFERENCE = new URL('../../src/inference/index.js', import.meta.url);
/** Runs a model in two threads without a pause, and leaves when `runs` are done. */
const LEAVES = `
const [at, runs] = process.argv.slice(1);
const { readModel, WorkerPool } = await import(at);
const manifest = await readModel('tinylip');
const model = await new WorkerPool({ workers: 2 }).load(manifest);
const inputs = Object.fromEntries(
  Object.entries(manifest.inputs).map(([name, dims]) => [name, new Float32Array(dims.reduce((a, b) => a * b, 1))]),
);
let done = 0;
const again = () => model.infer({ inputs }).then(() => (++done === Number(runs) ? process.exit(7) : again()));
for (let i = 0; i < 4; i++) void again();
`;

t.test('process.exit() in the middle of runs', async (t) => {
  for (const runs of [10, 11, 12]) {
    const args = ['--input-type=module', '--eval', LEAVES, INFERENCE.href, String(runs)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    t.same(await once(child, 'close'), [7, null], said);
  }
});

t.test('who is inside is waited for, and nobody goes in any more', async (t) => {
  const door = new Door();
  let out = (): void => undefined;
  const inside = door.within(
    () =>
      new Promise<void>((resolve) => {
        out = resolve;
      }),
  );
  t.ok(door.busy);
  t.notOk(door.shut(0));
  out();
  await inside;
  t.ok(door.shut(0));
  await door.within(async () => void t.fail('went through a shut door'));
  t.notOk(door.busy);
});
