/**
 * Builds the addon: every .cc of this folder to an object, all objects to native/build/<flavour>/talkgraph.node.
 *
 * No node-gyp and no node headers: Node-API's C headers come from the registry (node-api-headers) and
 * everything else from pkg-config, so one command is enough and the same binary runs on every Node >= 20.
 * An object is rebuilt when its source, a header it includes or the command line changed (make's rule, by
 * the compiler's own .d files). The headers that most of them include are compiled first, once: a third of the time less.
 *
 *   node native/build.mjs            release
 *   node native/build.mjs --asan     AddressSanitizer + UndefinedBehaviorSanitizer, into build/asan
 *   node native/build.mjs --tsan     ThreadSanitizer, into build/tsan
 *
 * `npm run test:native:asan` and `test:native:tsan` build and use the last two; see test/sanitize.mjs.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const SANITIZED = ['-fno-omit-frame-pointer', '-O1', '-g'];
const FLAVOURS = {
  release: ['-O2', '-g1'],
  // What is undefined ends the process; a number that does not fit where it is cast to is, too.
  asan: ['-fsanitize=address,undefined,float-cast-overflow', '-fno-sanitize-recover=all', ...SANITIZED],
  tsan: ['-fsanitize=thread', ...SANITIZED],
};
const flavour = Object.keys(FLAVOURS).find((name) => process.argv.includes(`--${name}`)) ?? 'release';
const out = join(here, 'build', flavour);
const target = join(out, 'talkgraph.node');
const run = promisify(execFile);

const PACKAGES = [
  'gstreamer-1.0',
  'gstreamer-base-1.0',
  'gstreamer-app-1.0',
  'gstreamer-video-1.0',
  'gstreamer-audio-1.0',
  'libwebp',
];

function pkgConfig(...args) {
  try {
    return execFileSync('pkg-config', [...args, ...PACKAGES], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
  } catch (error) {
    const why =
      error.code === 'ENOENT' ? 'pkg-config is not installed' : String(error.stderr ?? error.message).trim();
    console.error(`native: ${why}\nnative: run "npm run setup", it installs what the build needs.`);
    process.exit(1);
  }
}

/** Where Node-API's headers are: in our own node_modules, or beside us where talkgraph itself is a dependency. */
function nodeHeaders() {
  try {
    const entry = createRequire(import.meta.url).resolve('node-api-headers/package.json');
    return join(dirname(entry), 'include');
  } catch {
    console.error('native: node-api-headers is missing. Run "npm ci" (or "npm run setup") first.');
    process.exit(1);
  }
}
const headers = nodeHeaders();

const compile = [
  '-std=c++17',
  '-fPIC',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-missing-field-initializers',
  '-fvisibility=hidden',
  '-DNAPI_VERSION=8',
  '-DBUILDING_NODE_EXTENSION',
  `-I${headers}`,
  ...FLAVOURS[flavour],
  ...pkgConfig('--cflags'),
];
const link = ['-shared', ...FLAVOURS[flavour], ...pkgConfig('--libs')];
const compiler = process.env.CXX ?? 'g++';
const stamp = createHash('sha256')
  .update([compiler, ...compile].join(' '))
  .digest('hex');

/** True when `object` is missing or older than anything its .d file names. */
function stale(object) {
  const deps = object.replace(/\.(o|h\.gch)$/, '.d');
  if (!existsSync(object) || !existsSync(deps)) return true;
  const built = statSync(object).mtimeMs;
  const files = readFileSync(deps, 'utf8')
    .replace(/^[^:]*:/, '')
    .replace(/\\\n/g, ' ')
    .trim()
    .split(/\s+/);
  return files.some((file) => !existsSync(file) || statSync(file).mtimeMs > built);
}

mkdirSync(out, { recursive: true });
const stampFile = join(out, 'flags');
const sameFlags = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
const sources = readdirSync(here)
  .filter((name) => name.endsWith('.cc'))
  .sort();
const objects = sources.map((name) => join(out, `${basename(name, '.cc')}.o`));
/** Looked for in the folders of `-I`, in order; one that does not fit (a newer compiler) is passed by for headers.h itself. */
const headersOnce = join(out, 'headers.h.gch');
if (!sameFlags) {
  // First the old ones go, then the new flags are noted: a build that is broken off goes on where it was.
  for (const object of [headersOnce, ...objects]) rmSync(object, { force: true });
  writeFileSync(stampFile, stamp);
}
const todo = sources.filter((_, i) => stale(objects[i]));

const started = performance.now();
let failed = false;
async function compiled(args) {
  try {
    await run(compiler, [...compile, ...args], { maxBuffer: 1 << 26 });
  } catch (error) {
    failed = true;
    console.error(error.stderr ?? error.message);
  }
}
if (todo.length > 1 && stale(headersOnce)) {
  const deps = ['-MMD', '-MF', join(out, 'headers.d')];
  await compiled([...deps, '-x', 'c++-header', join(here, 'headers.h'), '-o', headersOnce]);
}
const queue = [...todo];
async function worker() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const object = join(out, `${basename(name, '.cc')}.o`);
    const source = join(here, name);
    // What sets something before it includes the first header needs them compiled its own way.
    const first = /^#(define|include)/m.exec(readFileSync(source, 'utf8'))?.[1];
    const shared = first === 'define' ? [] : [`-I${out}`, `-I${here}`, '-include', 'headers.h'];
    await compiled([...shared, '-MMD', '-c', source, '-o', object]);
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, worker));
if (failed) process.exit(1);

const newest = Math.max(...objects.map((file) => statSync(file).mtimeMs));
if (todo.length > 0 || !existsSync(target) || statSync(target).mtimeMs < newest) {
  await run(compiler, [...objects, ...link, '-o', target], { maxBuffer: 1 << 26 }).catch((error) => {
    console.error(error.stderr ?? error.message);
    process.exit(1);
  });
  console.log(
    `native: built ${todo.length} of ${sources.length} files in ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
}
