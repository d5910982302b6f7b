/**
 * Sets up everything a checkout needs: Debian packages, npm packages, the addon, the compiled TypeScript.
 *
 * Plain JavaScript without dependencies, because it runs before node_modules exists. Each step looks first and
 * works only where something is missing, so a second run takes a moment and prints nothing with --quiet.
 *
 *   node src/setup.mjs            what running needs
 *   node src/setup.mjs --tests    also what the tests need (a browser, ffprobe, …)
 *   node src/setup.mjs --cuda     also fetch onnxruntime-node's CUDA provider (from the network, some hundred MB)
 *   node src/setup.mjs --quiet    say nothing when nothing is missing
 *
 * Installing system packages is the user's decision: on a terminal the exact line is shown and asked about once.
 * TALKGRAPH_SETUP=yes or CI=true answers yes beforehand. Without a terminal, root installs (a container build)
 * and anyone else gets the line to run and exit code 1.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const flags = new Set(process.argv.slice(2));
if (flags.has('--help') || flags.has('-h')) {
  console.log(`talkgraph setup [--tests] [--cuda] [--quiet]

Sets up what running needs: Debian packages (asked about first), npm packages, the addon, the compiled TypeScript.

  --tests  also what the tests need (a browser, ffprobe, …)
  --cuda   also fetch onnxruntime-node's CUDA provider (from the network, some hundred MB)
  --quiet  say nothing when nothing is missing`);
  process.exit();
}
for (const flag of flags) {
  if (['--tests', '--cuda', '--quiet'].includes(flag)) continue;
  console.error(`setup: there is no option ${flag}; "setup --help" lists those there are.`);
  process.exit(2);
}
const quiet = flags.has('--quiet');
const agreed = process.env.TALKGRAPH_SETUP === 'yes' || process.env.CI === 'true';

const PACKAGES = {
  build: ['g++', 'pkg-config', 'libgstreamer1.0-dev', 'libgstreamer-plugins-base1.0-dev', 'libwebp-dev'],
  run: [
    'gstreamer1.0-plugins-base',
    'gstreamer1.0-plugins-good',
    'gstreamer1.0-plugins-bad',
    'gstreamer1.0-plugins-ugly',
    'gstreamer1.0-libav',
  ],
  tests: ['gstreamer1.0-tools', 'ffmpeg', 'chromium', 'nginx-light', 'libnginx-mod-rtmp', 'python3-aiortc'],
};

/** Tools of the tests that not every system packages: Ubuntu has its browser as a snap only. */
const EXTRAS = new Set(['chromium']);

const say = (text) => console.log(`setup: ${text}`);

/** Ends the set-up with a sentence on stderr; nothing after this runs. */
function stop(text) {
  console.error(`setup: ${text}`);
  process.exit(1);
}

/** Runs a command with its output shown; ends the set-up when it fails. */
function run(command, args, { env = {}, hint = '' } = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error) stop(`could not run ${command}: ${error.message}. ${hint}`);
  if (status !== 0) stop(`"${[command, ...args].join(' ')}" ended with exit code ${status}. ${hint}`);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  stop(
    `expected Node 20.19 or newer but this is ${process.version}. Install a current LTS, then run this again.`,
  );
}

/** Those of `names` that dpkg does not list as installed; null where there is no dpkg. */
function missingPackages(names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format language
  const format = '${Package} ${db:Status-Status}\n';
  const query = spawnSync('dpkg-query', ['-W', `-f=${format}`, ...names], { encoding: 'utf8' });
  if (query.error) return null;
  const lines = query.stdout.split('\n').filter((line) => line.endsWith(' installed'));
  const present = new Set(lines.map((line) => line.split(' ')[0]));
  return names.filter((name) => !present.has(name));
}

const listed = (name) => spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;

/** False for an extra that apt's lists do not have; before the first `apt-get update` they have nothing at all. */
function offered(name) {
  return !EXTRAS.has(name) || listed(name) || !listed('g++');
}

/** Shows the line and settles whether to run it: asks, or follows the rule in the head of this file. */
async function consent(isRoot) {
  if (agreed) return;
  if (process.stdin.isTTY && process.stdout.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    // A terminal that closes (Ctrl-D, a lost connection) never answers: that is a no.
    const closed = once(terminal, 'close').then(() => '');
    const answer = await Promise.race([terminal.question('setup: run this now? [y/N] '), closed]);
    terminal.close();
    if (!/^y(es)?$/i.test(answer.trim()))
      stop('nothing was installed. Run the line above, then this command again.');
  } else if (!isRoot) {
    stop('no terminal to ask on and not root: run the line above, then this command again.');
  }
}

async function aptPackages() {
  const wanted = [...PACKAGES.build, ...PACKAGES.run, ...(flags.has('--tests') ? PACKAGES.tests : [])];
  const lacking = missingPackages(wanted);
  if (lacking === null) {
    if (!quiet)
      say(`no dpkg here; install these (or your system's equivalents) yourself: ${wanted.join(' ')}`);
    return;
  }
  const missing = lacking.filter(offered);
  for (const name of lacking.filter((name) => !offered(name)))
    say(`this system has no package ${name}: the tests that need it are skipped`);
  if (missing.length === 0) return;

  const isRoot = process.getuid?.() === 0;
  const install = ['install', '-y', '--no-install-recommends'];
  const shown = isRoot ? 'apt-get' : 'sudo apt-get';
  say(`these Debian packages are missing: ${missing.join(' ')}`);
  say(`to install them: ${shown} update && ${shown} ${[...install, ...missing].join(' ')}`);
  await consent(isRoot);
  // With consent given beforehand nobody may be there to type a password: sudo -n fails instead of waiting.
  const [command, ...prefix] = isRoot
    ? ['apt-get']
    : agreed
      ? ['sudo', '-n', 'apt-get']
      : ['sudo', 'apt-get'];
  const how = { env: { DEBIAN_FRONTEND: 'noninteractive' }, hint: 'Run the line above by hand to see more.' };
  run(command, [...prefix, 'update', '-q'], how);
  // Only now the lists surely have what there is. A new machine may still be updating itself: apt says that it waits.
  const patient = ['-o', 'DPkg::Lock::Timeout=300'];
  run(command, [...prefix, ...install, ...missing.filter(offered), '-q', ...patient], how);
}

const sha = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

function npmPackages() {
  // Installed from the registry: npm has put our dependencies beside us, and there is no lock and no source.
  if (!existsSync(join(root, 'package-lock.json'))) return;
  // npm ci would empty what the link points at, and that belongs to another checkout.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const stamp = join(root, 'node_modules', '.talkgraph-lock');
  const lock = sha(join(root, 'package-lock.json'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing npm packages (npm ci)');
  // One of them would download a GPU runtime at install; .npmrc forbids install scripts, this says it once more.
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip' },
    hint: 'npm says why above; set-up needs the npm registry once.',
  });
  writeFileSync(stamp, lock);
}

function cudaProvider() {
  if (!flags.has('--cuda')) return;
  say("fetching onnxruntime-node's CUDA provider");
  const script = createRequire(import.meta.url).resolve('onnxruntime-node/script/install.js');
  run(process.execPath, [script, '--onnxruntime-node-install=cuda12'], {
    hint: 'It comes from the network; without it inference runs on the CPU.',
  });
}

/** Newest change (ms since 1970) of the TypeScript sources, and their compiled names relative to dist. */
function sources() {
  let newest = statSync(join(root, 'tsconfig.json')).mtimeMs;
  const compiled = new Set();
  for (const folder of ['src', 'elements', 'test']) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      newest = Math.max(newest, statSync(path).mtimeMs);
      compiled.add(relative(root, path).split(sep).join('/').replace(/\.ts$/, '.js'));
    }
  }
  return { newest, compiled };
}

/** Deletes compiled files whose source is gone: a deleted test must not go on passing. */
function sweep(compiled) {
  const dist = join(root, 'dist');
  if (!existsSync(dist)) return;
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (compiled.has(relative(dist, path).split(sep).join('/'))) continue;
    for (const ending of ['.js', '.js.map', '.d.ts']) rmSync(path.replace(/\.js$/, ending), { force: true });
  }
}

function typescript() {
  if (!existsSync(join(root, 'tsconfig.json'))) return;
  const { newest, compiled } = sources();
  sweep(compiled);
  const done = join(root, 'dist', '.built');
  if (existsSync(done) && statSync(done).mtimeMs >= newest) return;
  say('compiling TypeScript');
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(done, '');
}

const started = performance.now();
checkNode();
await aptPackages();
npmPackages();
cudaProvider();
run(process.execPath, ['native/build.mjs'], { hint: 'The compiler output above says why.' });
typescript();
if (!quiet) say(`ready (${((performance.now() - started) / 1000).toFixed(1)} s)`);
