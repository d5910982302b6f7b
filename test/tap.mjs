/**
 * Runs test files, each in a process of its own, and reads what they print (TAP, https://testanything.org).
 *
 * The files are compiled, so they need nothing around them: tap's own runner puts loaders into each process and into
 * all that it starts, which costs a second of CPU every time, more than most tests.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Parser } from 'tap-parser';

/** Seconds for one file, beyond what its own tests may take: what hangs is told where, before it is killed. */
const GRACE = 20;
/** Characters kept of what a file prints beside its results. */
const MURMUR = 16_384;

/** Arguments of Node for a file that tells all of its failures, and for one that is expected to have none. */
const FULL = ['--enable-source-maps'];
const LEAN = ['--require', fileURLToPath(new URL('./lean.cjs', import.meta.url))];

/** Files that run now: their whole process groups go when this process does. */
const running = new Set();

function end(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has gone already.
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    for (const child of running) end(child, 'SIGKILL');
    process.exit(1);
  });

/** Seconds of CPU that ended children have used, with theirs, since this was asked last (proc(5): cutime, cstime). */
let reaped = 0;
function cpuOfEnded() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ');
  const [before, now] = [reaped, (Number(fields[13]) + Number(fields[14])) / 100];
  reaped = now;
  return now - before;
}

/** Adds the results of a parser and of all tests within: a test that has tests is not counted beside them. */
function count(parser, sum) {
  parser.on('child', (child) => {
    sum.within++;
    count(child, sum);
  });
  parser.on('assert', ({ ok, skip, todo }) => {
    if (skip || todo) sum.skipped++;
    else if (ok) sum.passed++;
    else sum.failed++;
  });
}

/**
 * Runs one file. `patience`: seconds it may take, by its own watch, unless it says otherwise; after twice that it is
 * ended from outside. `full`: failures name lines of TypeScript, for which all maps are read, and errors that
 * nobody caught their test (lean.cjs); both together are a tenth to a half of a test's CPU, so first it is run without.
 * Resolves with {file, ok, passed, failed, skipped, seconds, cpu, told}: `cpu` in seconds; `told` is what it printed.
 */
export function runFile(root, file, patience, full = false) {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(process.execPath, [...(full ? FULL : LEAN), file], {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TAP: '1', TAP_TIMEOUT: String(patience) },
    });
    running.add(child);
    const sum = { passed: 0, failed: 0, skipped: 0, within: 0 };
    let [told, murmur, ok] = ['', '', false];
    const parser = new Parser((results) => {
      // Nothing tested is nothing passed, unless the file says why.
      ok = results.ok && (results.count > 0 || /^1\.\.0 +# *\S/m.test(told));
    });
    count(parser, sum);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      told += text;
      parser.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      murmur = (murmur + text).slice(-MURMUR);
    });
    let late = false;
    const asked = setTimeout(() => {
      late = true;
      end(child, 'SIGTERM'); // tap tells what it was waiting for
    }, patience * 2000);
    const forced = setTimeout(() => end(child, 'SIGKILL'), patience * 2000 + GRACE * 1000);
    let cpu = 0;
    child.on('exit', () => {
      cpu = cpuOfEnded();
    });
    child.on('close', (code, signal) => {
      clearTimeout(asked);
      clearTimeout(forced);
      end(child, 'SIGKILL'); // children it left behind
      running.delete(child);
      parser.end();
      const { passed, failed, skipped, within } = sum;
      const good = ok && code === 0 && !late;
      let why = late ? `did not end within ${patience * 2} s` : signal ? `ended by ${signal}` : undefined;
      if (!good && failed === 0) why ??= code === 0 ? 'has no test' : `ended with exit code ${code}`;
      resolve({
        file,
        ok: good,
        // Each test with tests has one line of its own result, which is theirs.
        passed: Math.max(0, passed - (good ? within : 0)),
        failed: good ? 0 : Math.max(1, failed),
        skipped,
        seconds: (performance.now() - began) / 1000,
        cpu,
        told: good ? '' : `${failures(told)}${why === undefined ? '' : `\n${file} ${why}`}\n${murmur}`.trim(),
      });
    });
  });
}

/** The failed tests of a stream, each with its details and the tests it lies in. */
function failures(stream) {
  const lines = stream.split('\n');
  const told = [];
  for (let i = 0; i < lines.length; i++) {
    const [, indent] = /^( *)not ok /.exec(lines[i]) ?? [];
    if (indent === undefined || /# (SKIP|TODO)\b/i.test(lines[i])) continue;
    told.push(lines[i]);
    if (lines[i + 1] !== `${indent}  ---`) continue;
    const end = lines.indexOf(`${indent}  ...`, i);
    told.push(...lines.slice(i + 1, end + 1));
    i = end;
  }
  return told.join('\n');
}

/** Runs files, `jobs` at a time; tells of each that failed at once, and where it is on a terminal. */
export async function runFiles(root, files, { patience, jobs = availableParallelism(), full = false }) {
  cpuOfEnded();
  const waiting = [...files];
  const results = [];
  const line = process.stdout.isTTY ? (text) => process.stdout.write(`\r\x1b[2K${text}`) : () => {};
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      line(`${results.length} of ${files.length}  ${file}`);
      const result = await runFile(root, file, patience, full);
      results.push(result);
      if (result.ok) continue;
      line('');
      console.log(`not ok  ${result.file}  ${result.seconds.toFixed(1)} s\n${result.told}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  line('');
  return results;
}
