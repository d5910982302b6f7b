/**
 * `npm run soak`: the long runs, one after the other, each in its own process: test/soak/NAME.ts.
 *
 *   npm run soak                      all, full length
 *   npm run soak -- pipelines         one
 *   npm run soak -- --scale=0.05      a twentieth of each (what npm test runs)
 *
 * A soak takes its own count from its first argument's share: `node dist/test/soak/pipelines.js 0.05`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'test', 'soak');
const { values, positionals } = parseArgs({
  options: { scale: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.js'))
      .map((name) => name.slice(0, -3))
      .filter((name) => positionals.length === 0 || positionals.includes(name))
  : [];

let failed = 0;
for (const name of names) {
  console.log(`soak: ${name} x ${values.scale}`);
  const { status } = spawnSync(process.execPath, ['--expose-gc', join(folder, `${name}.js`), values.scale], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    failed++;
    console.error(`soak: ${name} failed`);
  }
}
process.exit(failed === 0 ? 0 : 1);
