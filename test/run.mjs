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
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Folders that hold no tests: what tests share, and what is measured or run for hours instead. */
const OTHER = new Set(['support', 'fixtures', 'bench', 'soak', 'fuzz', 'fakes']);
/** Seconds one test file may take; the browser ones need most of it on a loaded machine. */
const PATIENCE = 150;
/** The part of each long run that belongs to the ordinary tests. */
const SHARE = 1 / 20;

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

/** Prints the failed tests of a TAP stream, each with its details and the tests it lies in. */
function tell(stream) {
  const lines = stream.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const [, indent] = /^( *)not ok /.exec(lines[i]) ?? [];
    if (indent === undefined || /# (SKIP|TODO)\b/i.test(lines[i])) continue;
    console.log(lines[i]);
    if (lines[i + 1] !== `${indent}  ---`) continue;
    const end = lines.indexOf(`${indent}  ...`, i);
    console.log(lines.slice(i + 1, end + 1).join('\n'));
    i = end;
  }
}

/** Runs the files under tap, `jobs` at a time, and returns what its own closing comment counted. */
function runTap(files, jobs) {
  if (files.length === 0) return { status: 0, passed: 0, failed: 0, skipped: 0, again: [] };
  const folder = mkdtempSync(join(tmpdir(), 'talkgraph-test-'));
  const output = join(folder, 'out.tap');
  const status = node([
    'node_modules/tap/dist/esm/run.mjs',
    ...['--disable-coverage', '--allow-empty-coverage', `--timeout=${PATIENCE}`, `--jobs=${jobs}`],
    // A log keeps every line that a terminal would overwrite: there only what failed is told, below.
    ...[`--reporter=${process.stdout.isTTY ? 'terse' : 'silent'}`, `--output-file=${output}`],
    ...files,
  ]);
  const told = readFileSync(output, 'utf8');
  const counts = told.match(/^# \{.*\}$/gm)?.at(-1) ?? '';
  if (!process.stdout.isTTY) tell(told);
  rmSync(folder, { recursive: true, force: true });
  const number = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(counts)?.[1] ?? 0);
  // A file that did not end in time has no line of its own, only this one.
  const failures = /^(?:not ok \d+ - | +expired: )(dist\/test\/\S+\.js)/gm;
  const again = [...new Set([...told.matchAll(failures)].map(([, path]) => path))];
  return { status, passed: number('pass'), failed: number('fail'), skipped: number('skip'), again };
}

/**
 * Runs files, and once more by themselves those that failed: two jobs share two cores with browsers and encoders, and
 * a test of real time may lose that race. What passes only then is named; what fails twice has failed.
 */
function runTwice(files, jobs) {
  const first = runTap(files, jobs);
  if (first.status === 0 || first.again.length === 0) return first;
  console.log(`\nonce more, one by one: ${first.again.join(' ')}`);
  const second = runTap(first.again, 1);
  if (second.status === 0) console.log(`passed only by themselves: ${first.again.join(' ')}`);
  return { ...second, passed: first.passed + second.passed, skipped: first.skipped + second.skipped };
}

const steps = [];
if (words.length === 0)
  steps.push(['style', () => node(['node_modules/@biomejs/biome/bin/biome', 'check', '.'])]);
const counted = { passed: 0, failed: 0, skipped: 0 };
/** Adds a run to the counts and answers its exit code. */
function count({ status, passed, failed, skipped }) {
  counted.passed += passed;
  counted.failed += failed;
  counted.skipped += skipped;
  return status;
}
const files = testFiles();
// Real time needs the machine for itself: what is named so runs by itself, afterwards.
const alone = files.filter((path) => path.endsWith('.alone.js'));
const together = files.filter((path) => !alone.includes(path));
steps.push(['tests', () => count(runTwice(together, Math.max(1, availableParallelism())))]);
steps.push(['tests that run alone', () => count(runTwice(alone, 1))]);
if (words.length === 0)
  steps.push(['long runs, a twentieth', () => node(['test/soak.mjs', `--scale=${SHARE}`])]);

const failed = [];
for (const [name, step] of steps) {
  console.log(`\n== ${name}`);
  if (step() !== 0) failed.push(name);
}
if (failed.length > 0) console.error(`\nfailed: ${failed.join(', ')}`);
console.log(`\n${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`);
process.exit(failed.length === 0 ? 0 : 1);
