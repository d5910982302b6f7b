/**
 * `npm run fuzz`: the property tests over and over, each time with other inputs, until one fails or the time is over.
 *
 *   npm run fuzz                      ten minutes
 *   npm run fuzz -- --minutes=60 graph voice
 *   TALKGRAPH_SEED=123 node dist/test/graph/launch-guard.js      one failure again
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '10' } },
  allowPositionals: true,
});
const tests = join(root, 'dist', 'test');
const files = readdirSync(tests, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((path) => readFileSync(path, 'utf8').includes('support/fastcheck.js'))
  .filter((path) => positionals.length === 0 || positionals.some((word) => path.includes(word)));
if (files.length === 0) {
  console.error('fuzz: no compiled property test matches; `npm run build:ts` compiles them.');
  process.exit(2);
}

const until = Date.now() + Number(values.minutes) * 60_000;
let runs = 0;
while (Date.now() < until) {
  for (const file of files) {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const { status, signal, stdout } = spawnSync(process.execPath, [file], {
      env: { ...process.env, TALKGRAPH_SEED: String(seed) },
      encoding: 'utf8',
    });
    runs++;
    if (status === 0) continue;
    console.log(stdout);
    console.error(
      `fuzz: TALKGRAPH_SEED=${seed} node ${relative(process.cwd(), file)} ended with ${status ?? signal}`,
    );
    process.exit(1);
  }
}
console.log(`fuzz: ${runs} runs of ${files.length} files, no failure`);
