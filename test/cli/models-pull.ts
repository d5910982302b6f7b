/** Weights from a server on this machine, into models. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { PACKAGE } from '../../src/graph/find.js';
import { fakeTerminal } from '../support/terminal.js';

const root = t.testdir();
const folder = join(root, 'models');
process.env['TALKGRAPH_MODELS'] = folder;

const bytes = readFileSync(join(PACKAGE, 'test', 'fixtures', 'checkpoint', 'wav2lip-96-legacy.pth'));
const sha256 = createHash('sha256').update(bytes).digest('hex');
let asked = 0;
const http = createServer((request, response) => {
  asked++;
  if (request.url !== '/files/wav2lip.pth') return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
});
await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready));
t.teardown(() => http.close());
const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/files/wav2lip.pth`;

async function models(...args: string[]) {
  const terminal = { ...fakeTerminal(), env: { XDG_CACHE_HOME: join(root, 'cache') } };
  const exit = await run(['models', ...args], terminal);
  return { exit, ...terminal.written };
}

/** A model that is described and not here. */
function describe(name: string, more: string): string {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const yaml = readFileSync(join(folder, 'mine', 'model.yaml'), 'utf8');
  writeFileSync(join(own, 'model.yaml'), yaml.replace(/^(name|sha256|bytes): .*\n/gm, ''));
  appendFileSync(join(own, 'model.yaml'), `name: ${name}\n${more}`);
  return own;
}

t.test('from an address: fetched, imported, and nothing is left in the cache', async (t) => {
  const { exit, out } = await models('pull', '--name', 'mine', url, '--no-run', '--licence', 'mine alone');
  t.equal(exit, 0);
  t.match(out, `Its SHA-256 is ${sha256}`);
  t.match(out, /^mine: Wav2Lip 96/m);
  t.same(readdirSync(join(root, 'cache', 'talkgraph', 'downloads')), []);
  t.match((await models()).out, /^mine +wav2lip 96, mel; mine alone$/m);
});

t.test('a hash that is known is compared', async (t) => {
  const good = await models('pull', url, '--name', 'again', '--no-run', '--sha256', sha256);
  t.equal(good.exit, 0);
  t.notMatch(good.out, /SHA-256/);
  const bad = await models('pull', url, '--name', 'bad', `--sha256=${'0'.repeat(64)}`);
  t.equal(bad.exit, 1);
  t.match(bad.err, /is not the file it should be/);
});

t.test('an import that fails does not fetch twice', async (t) => {
  t.equal((await models('pull', url, '--name', 'mine', '--no-run')).exit, 2, 'the name is taken');
  const before = asked;
  t.equal((await models('pull', url, '--name', 'other', '--no-run')).exit, 0);
  t.equal(asked, before);
});

t.test('a model that is described: agreed to, fetched, checked', async (t) => {
  const onnx = join(folder, 'mine', 'mine.onnx');
  const served = `http://127.0.0.1:${(http.address() as AddressInfo).port}/files/wav2lip.pth`;
  const own = describe(
    'told',
    `url: ${served}\nsha256: ${sha256}\nbytes: ${bytes.length}\nconsent: for research alone\n`,
  );
  t.match((await models()).out, /^told +not fetched yet: talkgraph models pull told$/m);
  const asks = await models('pull', 'told');
  t.equal(asks.exit, 2);
  t.match(asks.err, /told: for research alone \(.*\)\nIf you agree, say so: --accept/);
  const { exit } = await models('pull', 'told', '--accept');
  t.equal(exit, 0);
  t.ok(readFileSync(join(own, 'mine.onnx')).equals(bytes));
  t.ok(existsSync(onnx));
});

t.test('check runs what is good and names what is not', async (t) => {
  const good = await models('check', 'mine');
  t.equal(good.exit, 0);
  t.match(good.out, /^mine {2}good: [\d.]+ ms on one core, \d+ a second$/m);
  appendFileSync(join(folder, 'again', 'again.onnx'), 'x');
  const bad = await models('check', 'mine', 'again', 'told', 'nobody', '--json');
  t.equal(bad.exit, 1);
  t.match(JSON.parse(bad.out), [
    { name: 'mine', ms: Number },
    { name: 'again', problem: /damaged or another version/ },
    { name: 'told', problem: String },
    { name: 'nobody', problem: /nobody/ },
  ]);
});

t.test('what cannot be done is said', async (t) => {
  for (const [args, exit, message] of [
    [['pull'], 2, /what should be fetched/],
    [['pull', 'mine'], 2, /says no "url"/],
    [['pull', url], 2, /what should the model be called/],
    [['pull', url, '--name', 'x', '--sha256', 'abc'], 2, /64 hexadecimal digits/],
    [['pull', `${url}x`, '--name', 'x'], 1, /there is no such file \(404\)/],
    [['pul', 'x'], 2, /models knows no "pul", did you mean "pull"/],
  ] as const) {
    const ran = await models(...args);
    t.equal(ran.exit, exit, args.join(' '));
    t.match(ran.err, message);
  }
});
