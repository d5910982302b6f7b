/**
 * src/setup.mjs in a small project of its own, on a PATH of fakes: `dpkg-query` lists what a file says, `apt-get`,
 * `sudo` and `npm` write down how they were called and install into that file.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const script = fileURLToPath(new URL('../../src/setup.mjs', import.meta.url));

/** What the fakes are; each is a shell script in front of the PATH. `$FAKE` is the folder they share. */
const FAKES = {
  'dpkg-query': 'while read -r name; do echo "$name installed"; done < "$FAKE/installed"',
  'apt-get':
    'echo "apt-get $*" >> "$FAKE/calls"; [ "$1" = update ] || for word in "$@"; do echo "$word" >> "$FAKE/installed"; done',
  'apt-cache': '! grep -qx "$2" "$FAKE/unlisted" 2>/dev/null',
  sudo: 'echo "sudo $*" >> "$FAKE/calls"; exit 1',
  npm: 'echo "npm $*" >> "$FAKE/calls"; mkdir -p node_modules',
};

interface Place {
  readonly root: string;
  /** Runs the set-up; answers what it printed, its exit code and what it called. */
  run(how?: How): { code: number | null; out: string; err: string; calls: string[] };
}

interface How {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The user: root or somebody else. */
  readonly uid?: number;
  /** Typed on a terminal; undefined: there is no terminal. */
  readonly typed?: string;
}

const put = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'talkgraph-setup-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function project(t: Test, { installed = [] as readonly string[] } = {}): Place {
  const root = folder(t);
  const fake = join(root, 'fake');
  for (const [name, body] of Object.entries(FAKES)) {
    put(join(fake, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(fake, name), 0o755);
  }
  put(join(fake, 'installed'), installed.map((name) => `${name}\n`).join(''));
  mkdirSync(join(root, 'src'), { recursive: true });
  cpSync(script, join(root, 'src', 'setup.mjs'));
  put(join(root, 'package.json'), '{ "type": "module" }');
  put(join(root, 'package-lock.json'), '{}');
  put(join(root, 'tsconfig.json'), '{}');
  put(join(root, 'native', 'build.mjs'), '');
  for (const folder of ['elements', 'test']) mkdirSync(join(root, folder));
  // CommonJS as the real one: a file without ending is read as a module by some versions of Node only.
  const tsc = "require('node:fs').appendFileSync(process.env.FAKE + '/calls', 'tsc\\n');";
  put(join(root, 'node_modules', 'typescript', 'package.json'), '{}');
  put(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), tsc);

  const run = ({ args = [], env = {}, uid = 0, typed }: How = {}) => {
    put(join(fake, 'calls'), '');
    const terminal = typed === undefined ? '' : 'process.stdin.isTTY=true;process.stdout.isTTY=true;';
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'src', 'setup.mjs'), ...args],
      {
        cwd: root,
        encoding: 'utf8',
        input: typed ?? '',
        env: {
          PATH: fake + delimiter + process.env['PATH'],
          FAKE: fake,
          NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.getuid=()=>${uid};${terminal}`)}`,
          ...env,
        },
      },
    );
    const calls = readFileSync(join(fake, 'calls'), 'utf8').split('\n').filter(Boolean);
    return { code: status, out: stdout, err: stderr, calls };
  };
  return { root, run };
}

/** Everything the set-up wants, taken from the line that it prints. */
function wanted(t: Test, args: readonly string[] = []): string[] {
  const { out } = project(t).run({ args, uid: 1000 });
  return (/missing: (.*)/.exec(out)?.[1] ?? '').split(' ');
}

t.test('says what it can do, and does nothing for an option it does not know', (t) => {
  const place = project(t);
  t.match(place.run({ args: ['--help'] }), { code: 0, out: /--cuda +also fetch/, calls: [] });
  t.match(place.run({ args: ['--tets'] }), { code: 2, err: /there is no option --tets/, calls: [] });
  t.end();
});

t.test('root without a terminal installs what is missing, then builds', (t) => {
  const { code, out, calls } = project(t, { installed: ['g++'] }).run();
  t.equal(code, 0);
  t.match(out, /missing: pkg-config libgstreamer1\.0-dev/);
  t.equal(calls[0], 'apt-get update -q');
  t.match(
    calls[1],
    /^apt-get install -y --no-install-recommends pkg-config .*gstreamer1\.0-libav -q -o DPkg::Lock::Timeout=300$/,
  );
  t.match(calls[2], /^npm ci /);
  t.equal(calls[3], 'tsc');
  t.end();
});

t.test('somebody else without a terminal gets the line and exit code 1, and nothing is called', (t) => {
  const { code, out, err, calls } = project(t).run({ uid: 1000 });
  t.equal(code, 1);
  t.match(out, /sudo apt-get update && sudo apt-get install -y --no-install-recommends g\+\+ /);
  t.match(err, /no terminal to ask on and not root/);
  t.same(calls, []);
  t.end();
});

t.test('on a terminal it asks, and anything but yes leaves the machine as it is', (t) => {
  for (const typed of ['n\n', '\n']) {
    const { code, out, err, calls } = project(t).run({ typed });
    t.equal(code, 1);
    t.match(out, /run this now\? \[y\/N\]/);
    t.match(err, /nothing was installed/);
    t.same(calls, []);
  }
  const { code, calls } = project(t).run({ typed: 'y\n' });
  t.equal(code, 0);
  t.match(calls[1], /^apt-get install/);
  t.end();
});

t.test('a terminal that closes instead of answering ends the set-up with exit code 1', (t) => {
  const { code, err, calls } = project(t).run({ typed: '' });
  t.equal(code, 1);
  t.match(err, /nothing was installed/);
  t.same(calls, []);
  t.end();
});

t.test('consent given beforehand asks nothing, and sudo does not wait for a password', (t) => {
  for (const env of [{ TALKGRAPH_SETUP: 'yes' }, { CI: 'true' }]) {
    const asRoot = project(t).run({ env, typed: '' });
    t.equal(asRoot.code, 0);
    t.notMatch(asRoot.out, /run this now/);
    const asUser = project(t).run({ env, uid: 1000 });
    t.equal(asUser.code, 1, 'the fake sudo refuses');
    t.same(asUser.calls, ['sudo -n apt-get update -q']);
    t.match(asUser.err, /sudo -n apt-get update -q" ended with exit code 1/);
  }
  t.end();
});

t.test('tests need more than running does', (t) => {
  const extra = wanted(t, ['--tests']).filter((name) => !wanted(t).includes(name));
  t.ok(extra.includes('chromium'));
  t.ok(extra.includes('ffmpeg'));
  t.end();
});

t.test('a tool of the tests that the system does not package is left out, with a sentence', (t) => {
  const { root, run } = project(t);
  put(join(root, 'fake', 'unlisted'), 'chromium\n');
  const first = run({ args: ['--tests'] });
  t.equal(first.code, 0);
  t.match(first.out, /no package chromium: the tests that need it are skipped/);
  t.notMatch(first.calls.join(), 'chromium');
  t.match(first.calls.join(), 'ffmpeg');
  t.match(
    run({ args: ['--tests', '--quiet'] }),
    { code: 0, calls: [] },
    'and is no reason to call apt again',
  );
  t.end();
});

t.test('nothing missing: silent with --quiet, and nothing is done twice', (t) => {
  const { root, run } = project(t, { installed: wanted(t) });
  const first = run({ args: ['--quiet'] });
  t.equal(first.code, 0);
  t.same(
    first.calls.map((call) => call.split(' ')[0]),
    ['npm', 'tsc'],
  );
  const second = run({ args: ['--quiet'] });
  t.same(second, { code: 0, out: '', err: '', calls: [] });

  put(join(root, 'package-lock.json'), '{ "changed": true }');
  t.match(run({ args: ['--quiet'] }).calls, [/^npm ci/], 'npm ci only when the lock changed');
  put(join(root, 'src', 'new.ts'), '');
  t.same(run({ args: ['--quiet'] }).calls, ['tsc'], 'the compiler only when a source changed');
  t.end();
});

t.test('a deleted source takes its compiled test with it', (t) => {
  const { root, run } = project(t, { installed: wanted(t) });
  put(join(root, 'test', 'kept.ts'), '');
  for (const name of ['kept', 'gone']) {
    for (const ending of ['.js', '.js.map', '.d.ts']) put(join(root, 'dist', 'test', name + ending), '');
  }
  t.equal(run().code, 0);
  t.ok(existsSync(join(root, 'dist', 'test', 'kept.js')));
  for (const ending of ['.js', '.js.map', '.d.ts'])
    t.notOk(existsSync(join(root, 'dist', 'test', `gone${ending}`)));
  t.end();
});

t.test('node_modules that is a link belongs to somebody else and is left alone', (t) => {
  const { root, run } = project(t, { installed: wanted(t) });
  const theirs = join(folder(t), 'node_modules');
  cpSync(join(root, 'node_modules'), theirs, { recursive: true });
  rmSync(join(root, 'node_modules'), { recursive: true });
  symlinkSync(theirs, join(root, 'node_modules'));
  t.same(run({ args: ['--quiet'] }).calls, ['tsc']);
  t.end();
});

t.test('installed as a package there is no lock and no source: only the addon is built', (t) => {
  const { root, run } = project(t, { installed: wanted(t) });
  for (const name of ['package-lock.json', 'tsconfig.json', 'elements', 'test'])
    rmSync(join(root, name), { recursive: true });
  const { code, calls } = run();
  t.equal(code, 0);
  t.same(calls, []);
  t.end();
});

t.test('where npm fails, the set-up says so and goes no further', (t) => {
  const { root, run } = project(t, { installed: wanted(t) });
  put(join(root, 'fake', 'npm'), '#!/bin/sh\nexit 7\n');
  const { code, err, calls } = run();
  t.equal(code, 1);
  t.match(err, /"npm ci .*" ended with exit code 7/);
  t.same(calls, []);
  t.end();
});
