/** Dockerfile and systemd unit say what the code says: packages, options, folders. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readWords } from '../src/cli/serve/arguments.js';
import { planOf } from '../src/cli/serve/plan.js';
import { PACKAGE } from '../src/graph/find.js';

const read = (name: string) => readFileSync(join(PACKAGE, name), 'utf8');
const docker = read('Dockerfile');
const [, , run = ''] = docker.split(/^FROM /m);

/** Words of `serve` as options; what nobody knows fails. */
function served(words: readonly string[]) {
  const { said, warnings } = readWords(words);
  t.same(warnings, []);
  return planOf(Object.fromEntries(said));
}

t.test(
  'the image has what runs, of the packages that set-up installs to run, and nobody in it is root',
  async (t) => {
    const [, list = ''] = /\n {2}run: \[([^\]]*)\]/.exec(read('src/setup.mjs')) ?? [];
    const packages = [...list.matchAll(/'([^']+)'/g)].map(([, name]) => name);
    t.ok(packages.length > 3);
    t.same([...run.matchAll(/gstreamer1\.0-[\w-]+/g)].map(String).sort(), packages.sort());
    t.match(run, /^USER 1000:1000$/m);
    t.notMatch(run, /g\+\+|npm |COPY \. /, 'nothing that builds');
    const { files } = JSON.parse(read('package.json')) as { files: string[] };
    const copied = [...run.matchAll(/^COPY --from=build .*?((?:\/app\/\S+ )+)/gm)].flatMap(([, names = '']) =>
      names.trim().split(' '),
    );
    for (const file of files.filter((name) => /^(dist|graphs|models|data|web|src\/cli)/.test(name))) {
      const top = file.startsWith('src') ? file : (file.split('/')[0] ?? '');
      t.ok(copied.includes(`/app/${top}`), `${file}: ${top} is copied`);
    }
    t.ok(copied.includes('/app/native/build.mjs'), 'src/native.ts finds the package by it');
    for (const source of copied) {
      const made = /\/(node_modules|dist|native\/build)$/.test(source);
      t.ok(made || existsSync(join(PACKAGE, source.replace('/app/', ''))), `${source} is there`);
    }
  },
);

t.test('it serves as its last line says, which needs a token', async (t) => {
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(run) ?? [];
  const [name, ...words] = JSON.parse(command) as string[];
  t.equal(name, 'serve');
  t.match(served(words), {
    host: '0.0.0.0',
    port: 8010,
    settings: { parameters: { 'port-range': '40000-40100' } },
  });
  t.match(run, /^EXPOSE 8010\/tcp 40000-40100\/udp$/m);
});

t.test('the unit is one that systemd takes, and serves', async (t) => {
  const unit = read('docs/talkgraph.service');
  const [, line = ''] = /^ExecStart=\S+ \S+talkgraph\.mjs serve (.*)$/m.exec(unit) ?? [];
  t.match(served(line.split(' ')), { host: '127.0.0.1', audit: '/var/log/talkgraph/audit.jsonl' });
  const verified = spawnSync('systemd-analyze', ['verify', join(PACKAGE, 'docs/talkgraph.service')], {
    encoding: 'utf8',
  });
  if (verified.error !== undefined) return void t.comment('no systemd here');
  // Where node and talkgraph lie is the machine's affair.
  const said = verified.stderr
    .split('\n')
    .filter((text) => text.includes('talkgraph.service') && !/not executable|No such file/.test(text));
  t.same(said, []);
});
