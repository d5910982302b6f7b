/** Archives of models from a server on this machine. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { archiveOf, unpack } from '../../src/cli/models-archive.js';
import { fakeTerminal } from '../support/terminal.js';

const root = t.testdir();
const folder = join(root, 'models');
process.env['TALKGRAPH_MODELS'] = folder;

/** An archive of a folder with these files in it. */
function archive(name: string, files: readonly string[], link?: string): string {
  const own = join(root, 'made', name);
  mkdirSync(own, { recursive: true });
  for (const file of files) writeFileSync(join(own, file), file);
  if (link !== undefined) symlinkSync(link, join(own, 'link'));
  const made = join(root, `${name}.tar.gz`);
  execFileSync('tar', ['-czf', made, '-C', join(root, 'made'), name]);
  return made;
}

const http = createServer((request, response) => {
  const file = join(root, request.url ?? '');
  if (!existsSync(file)) return void response.writeHead(404).end();
  response.end(readFileSync(file));
});
await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready));
t.teardown(() => http.close());
const at = (name: string) => `http://127.0.0.1:${(http.address() as AddressInfo).port}/${name}`;

async function pull(...args: string[]) {
  const terminal = { ...fakeTerminal(), env: { XDG_CACHE_HOME: join(root, 'cache') } };
  const exit = await run(['models', 'pull', ...args], terminal);
  return { exit, ...terminal.written };
}

t.test('the names of sherpa-onnx are addresses of its releases', async (t) => {
  const base = 'https://github.com/k2-fsa/sherpa-onnx/releases/download';
  t.match(archiveOf('sherpa/vits-piper-en_US-amy-low'), {
    url: `${base}/tts-models/vits-piper-en_US-amy-low.tar.bz2`,
    kind: 'voice',
  });
  t.match(archiveOf('sherpa-asr/some-zipformer'), { url: `${base}/asr-models/some-zipformer.tar.bz2` });
  t.equal(archiveOf('wav2lip'), undefined);
  t.equal(archiveOf('http://127.0.0.1/model.onnx'), undefined);
  t.throws(() => archiveOf('sherpa/../x'), { message: /no name/ });
});

t.test('an archive is fetched, unpacked, and nothing else is left', async (t) => {
  archive('voice-a', ['tokens.txt', 'a.onnx']);
  const { exit, out } = await pull(at('voice-a.tar.gz'));
  t.equal(exit, 0);
  t.match(out, /Its SHA-256 is [0-9a-f]{64}/);
  t.same(readdirSync(join(folder, 'voice-a')).sort(), ['a.onnx', 'tokens.txt']);
  t.same(readdirSync(join(root, 'cache', 'talkgraph', 'downloads')), []);
  const again = await pull(at('voice-a.tar.gz'));
  t.not(again.exit, 0);
  t.match(again.err, /there is a folder .* already/);
});

t.test('what is no voice, no archive or has links in it is refused, and leaves nothing', async (t) => {
  const voice = (name: string) => ({ url: '', name, kind: 'voice' as const });
  const place = (name: string) => join(folder, name);
  await t.rejects(unpack(archive('empty', ['README']), voice('empty'), place('empty')), {
    code: 'resource/not-found',
  });
  await t.rejects(
    unpack(archive('linked', ['tokens.txt'], '/etc/passwd'), voice('linked'), place('linked')),
    {
      code: 'stream/format',
      message: /links/,
    },
  );
  writeFileSync(join(root, 'none.tar.gz'), 'no archive');
  await t.rejects(unpack(join(root, 'none.tar.gz'), voice('none'), place('none')), { code: 'stream/format' });
  t.same(readdirSync(folder), ['voice-a']);
});
