/**
 * `npm run soak`: the long runs, each in its own process: test/soak/NAME.ts.
 *
 *   npm run soak                      all, full length, one after the other
 *   npm run soak -- pipelines         one
 *   npm run soak -- --scale=0.05      a twentieth of each (what npm test runs), as many at once as there are processors
 *
 * A soak takes its own count from its first argument's share: `node dist/test/soak/pipelines.js 0.05`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'test', 'soak');
const { values, positionals } = parseArgs({
  options: { scale: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const waiting = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.js'))
      .map((name) => name.slice(0, -3))
      .filter((name) => positionals.length === 0 || positionals.includes(name))
  : [];
/** What is measured at full length wants the machine for itself; then its lines come as they are written. */
const jobs = Number(values.scale) < 1 ? availableParallelism() : 1;

let failed = 0;
async function run(name) {
  const title = `soak: ${name} x ${values.scale}`;
  if (jobs === 1) console.log(title);
  const child = spawn(process.execPath, ['--expose-gc', join(folder, `${name}.js`), values.scale], {
    stdio: ['inherit', ...Array(2).fill(jobs === 1 ? 'inherit' : 'pipe')],
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text) => {
      told += text;
    });
  const [status] = await once(child, 'close');
  if (jobs > 1) console.log(`${title}\n${told.trimEnd()}`);
  if (status === 0) return;
  failed++;
  console.error(`soak: ${name} failed`);
}

const worker = async () => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await run(name);
};
await Promise.all(Array.from({ length: jobs }, worker));
process.exit(failed === 0 ? 0 : 1);
