/**
 * `npm test`: style, then every test, then a twentieth of each long run. Exit code 0 only when all of it passed.
 *
 * Tests run from their compiled form (dist/test), so worker threads and everything else are what is shipped.
 *
 * Files named *.alone.ts keep to the clock and run one by one after all others.
 *
 *   node test/run.mjs                 everything
 *   node test/run.mjs graph voice     only tests whose path contains one of the words, no style, no long runs
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFiles } from './tap.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Folders that hold no tests: what tests share, and what is measured or run for hours instead. */
const OTHER = new Set(['support', 'fixtures', 'bench', 'soak', 'fuzz', 'fakes']);
/** Seconds a file may take that does not say otherwise; the browser ones need most of it on a loaded machine. */
const PATIENCE = 150;
/** The part of each long run that belongs to the ordinary tests. */
const SHARE = 1 / 20;
/** Files named at the end for their time: where to look when the tests become slow. */
const LONGEST = 12;

const words = process.argv.slice(2);

function node(args, env = {}) {
  return (
    spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
      .status ?? 1
  );
}

function testFiles() {
  const folder = join(root, 'dist', 'test');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((path) => !path.split('/').some((part) => OTHER.has(part)))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .sort();
}

/**
 * Runs files, and once more by themselves those that failed: two jobs share two cores with browsers and encoders, and
 * a test of real time may lose that race. What passes only then is named; what fails twice has failed, and is told in
 * full.
 */
async function runTwice(files, jobs) {
  const results = await runFiles(root, files, { patience: PATIENCE, jobs });
  const again = results.filter(({ ok }) => !ok).map(({ file }) => file);
  let last = results;
  if (again.length > 0) {
    console.log(`\nonce more, one by one: ${again.join(' ')}`);
    const second = await runFiles(root, again, { patience: PATIENCE, jobs: 1, full: true });
    const cured = second.filter(({ ok }) => ok).map(({ file }) => file);
    if (cured.length > 0) console.log(`passed only by themselves: ${cured.join(' ')}`);
    last = [...results.filter(({ ok }) => ok), ...second];
  }
  for (const { passed, failed, skipped } of last) {
    counted.passed += passed;
    counted.failed += failed;
    counted.skipped += skipped;
  }
  all.push(...last);
  return last.every(({ ok }) => ok) ? 0 : 1;
}

const steps = [];
if (words.length === 0)
  steps.push(['style', () => node(['node_modules/@biomejs/biome/bin/biome', 'check', '.'])]);
const counted = { passed: 0, failed: 0, skipped: 0 };
const all = [];
const files = testFiles();
// Real time needs the machine for itself: what is named so runs by itself, afterwards.
const alone = files.filter((path) => path.endsWith('.alone.js'));
const together = files.filter((path) => !alone.includes(path));
steps.push(['tests', () => runTwice(together, availableParallelism())]);
if (alone.length > 0) steps.push(['tests that run alone', () => runTwice(alone, 1)]);
if (words.length === 0)
  steps.push(['long runs, a twentieth', () => node(['test/soak.mjs', `--scale=${SHARE}`])]);

const failed = [];
for (const [name, step] of steps) {
  console.log(`\n== ${name}`);
  if ((await step()) !== 0) failed.push(name);
}
/** Those that took most of it: 'seconds' of the clock, or of 'cpu'. */
const most = (of) =>
  [...all]
    .sort((a, b) => b[of] - a[of])
    .slice(0, LONGEST)
    .map((result) => `${result.file} ${result[of].toFixed(0)} s`)
    .join(', ');
if (words.length === 0) {
  const cpu = all.reduce((sum, result) => sum + result.cpu, 0);
  console.log(`\nlongest: ${most('seconds')}\nmost CPU, of ${(cpu / 60).toFixed(1)} min: ${most('cpu')}`);
}
if (failed.length > 0) console.error(`\nfailed: ${failed.join(', ')}`);
console.log(`\n${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`);
process.exit(failed.length === 0 ? 0 : 1);
