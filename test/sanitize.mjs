/**
 * `npm run test:native:asan` and `npm run test:native:tsan`: builds the addon with sanitizers and runs the tests that
 * reach it. Exit code 0 only when every test passed and no process of any of them had a finding.
 *
 *   node test/sanitize.mjs asan                    AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer
 *   node test/sanitize.mjs tsan                    ThreadSanitizer
 *   node test/sanitize.mjs asan element/pipe       only tests whose path contains one of the words
 *
 * Only the addon is instrumented, so the run-time library of the sanitizer must be there before everything else: it
 * is preloaded, into children as well. A finding is written to a file, for a test may keep the output of a child to
 * itself and expect it to fail. (UndefinedBehaviorSanitizer writes to stderr, and ends the process.)
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Tests that call native code, by the beginning of their path; pure TypeScript has nothing to find. */
const REACH_NATIVE = [
  'native/',
  'element/',
  'graph/pipeline',
  'graph/catalog',
  'elements/cutgate',
  'elements/pastebackmix',
  'lipsync/blend',
  'lipsync/layers',
  'lipsync/mouth',
  'lipsync/paste',
  'picture/',
  'voice/resample',
];
/** Seconds for one file: many times what it needs, for a busy machine. */
const PATIENCE = 1500;

/** Common to every sanitizer: ends the process by a signal, which no test mistakes for an expected exit code. */
const common = (folder) => [
  'abort_on_error=1',
  `log_path=${join(folder, 'report')}`,
  'log_exe_name=1', // only node has our addon: ffprobe's own leaks are no news
];

const FLAVOURS = {
  asan: {
    libraries: ['libasan.so', 'libstdc++.so'], // without the second it cannot find what it intercepts of exceptions
    environment: (folder) => ({
      ASAN_OPTIONS: [
        ...common(folder),
        'detect_stack_use_after_return=1', // a lambda may outlive the frame whose variables it refers to
        'exitcode=0', // of a leak, which is found when a process ends: tests check how their children end
        'fast_unwind_on_malloc=0', // GLib has no frame pointers; without them a leak is only "g_malloc"
        'malloc_context_size=10', // from a GLib function back to ours; each more costs time at every malloc
      ].join(':'),
      LSAN_OPTIONS: `print_suppressions=0:suppressions=${join(root, 'native', 'lsan.supp')}`,
      UBSAN_OPTIONS: [...common(folder), 'halt_on_error=1', 'print_stacktrace=1'].join(':'),
      G_SLICE: 'always-malloc', // GLib's own allocator would hide who frees what
      G_DEBUG: 'gc-friendly', // freed memory is cleared, so that no stale pointer hides a leak
    }),
  },
  tsan: {
    libraries: ['libtsan.so'],
    environment: (folder) => ({
      TSAN_OPTIONS: [
        ...common(folder),
        'ignore_noninstrumented_modules=1', // node and GStreamer synchronise by means that it cannot see
        `suppressions=${join(root, 'native', 'tsan.supp')}`,
        'history_size=4', // both stacks of a race, also when the first access is long ago
      ].join(':'),
    }),
  },
};

const [flavour, ...words] = process.argv.slice(2);
if (!Object.hasOwn(FLAVOURS, flavour ?? '')) {
  console.error('sanitize: expected asan or tsan, as in "npm run test:native:asan"');
  process.exit(2);
}

function testFiles() {
  const files = readdirSync(join(root, 'dist', 'test'), { recursive: true }).filter((path) =>
    path.endsWith('.js'),
  );
  const moved = REACH_NATIVE.filter((start) => !files.some((path) => path.startsWith(start)));
  if (moved.length > 0) {
    console.error(`sanitize: no test begins with ${moved.join(' or ')} any more`);
    process.exit(1);
  }
  return files
    .filter((path) => REACH_NATIVE.some((start) => path.startsWith(start)))
    .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
    .sort();
}

/** Where the compiler keeps a library, as the dynamic linker wants it. */
function libraryPath(name) {
  const path = execFileSync(process.env.CXX ?? 'g++', [`-print-file-name=${name}`], { encoding: 'utf8' });
  try {
    return realpathSync(path.trim());
  } catch {
    console.error(`sanitize: the compiler has no ${name}`);
    process.exit(1);
  }
}

const build = [join(root, 'native', 'build.mjs'), `--${flavour}`];
execFileSync(process.execPath, build, { stdio: 'inherit' });
const preload = FLAVOURS[flavour].libraries.map(libraryPath).join(' ');

/**
 * A report without what only looks lost: LeakSanitizer cannot look into V8's heap, so memory of node itself counts as
 * leaked when a process ends by exit(), and with it what hangs on it. Empty when nothing else is left.
 */
function findingOf(report) {
  if (!report.includes('LeakSanitizer: detected')) return report;
  const leaks = report.split('\n\n');
  const ours = (leak) => /^\s*Direct leak/.test(leak) && !/^ +#1 .*\(\S*\/node\+/m.test(leak);
  if (!leaks.some(ours)) return '';
  return leaks.filter((leak) => ours(leak) || /^\s*Indirect leak/.test(leak)).join('\n\n');
}

/** Runs a file; resolves with its exit status, what it printed and the reports of its processes. */
function run(path) {
  const folder = mkdtempSync(join(tmpdir(), 'talkgraph-sanitize-'));
  const env = {
    ...process.env,
    ...FLAVOURS[flavour].environment(folder),
    LD_PRELOAD: preload,
    TALKGRAPH_NATIVE: flavour,
    TAP_TIMEOUT: String(PATIENCE),
  };
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'dist', 'test', path)], { cwd: root, env });
    let printed = '';
    child.stdout.on('data', (data) => (printed += data));
    child.stderr.on('data', (data) => (printed += data));
    const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE * 1000);
    child.on('close', (code, signal) => {
      clearTimeout(late);
      const reports = readdirSync(folder)
        .filter((name) => /^report\.node\./.test(name))
        .map((name) => findingOf(readFileSync(join(folder, name), 'utf8')))
        .filter((finding) => finding !== '');
      rmSync(folder, { recursive: true, force: true });
      resolve({ ending: code ?? signal, printed, reports, seconds: (performance.now() - started) / 1000 });
    });
  });
}

/** Runs a file and tells how it went; true when nothing is wrong with it. */
async function check(path) {
  let result = await run(path);
  // The tests are slower here and keep real time; a finding is a finding at once.
  if (result.ending !== 0 && result.reports.length === 0) result = await run(path);
  const { ending, printed, reports, seconds } = result;
  const good = ending === 0 && reports.length === 0;
  const name = join('dist', 'test', path);
  console.log(`${good ? 'ok' : 'not ok'} - ${name} (${seconds.toFixed(1)} s)`);
  for (const report of reports) console.log(`\nFinding in ${name}:\n${report}`);
  if (ending !== 0) console.log(`\n${name} ended with ${ending}:\n${printed.slice(-4000)}`);
  return good;
}

const queue = testFiles();
const total = queue.length;
const bad = [];
async function worker() {
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (!(await check(path))) bad.push(path);
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, worker));
if (bad.length > 0) console.error(`\n${flavour}: findings or failures in ${bad.join(' ')}`);
console.log(`\n${flavour}: ${total - bad.length} of ${total} files are clean`);
process.exit(bad.length === 0 && total > 0 ? 0 : 1);
