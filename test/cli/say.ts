import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { OpenAiSpeech } from '../fakes/fake-openai-speech.js';
import { fakeTerminal } from '../support/terminal.js';

async function say(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['say', ...args], terminal);
  return { exit, bytes: terminal.data(), ...terminal.written };
}

t.test('writes a WAV file, whole and of its length', async (t) => {
  const path = join(t.testdir(), 'a.wav');
  const { exit, err } = await say('440:0.5', '-o', path, '--voice', 'tone', '--rate', '8800');
  t.equal(exit, 0);
  t.match(err, /^0\.50 s of speech in \d+\.\d\d s, the first after \d+ ms\.$/m);
  const file = readFileSync(path);
  t.equal(file.length, 44 + 4400 * 2);
  t.equal(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
  t.same([file.readUInt32LE(4), file.readUInt32LE(24), file.readUInt32LE(40)], [8836, 8800, 8800]);
});

t.test('writes to the standard output for the next program', async (t) => {
  const { exit, bytes, out } = await say('440:0.1', '-o', '-', '--voice=tone');
  t.equal(exit, 0);
  t.equal(out, '');
  t.equal(bytes.length, 44 + 2400 * 2);
  t.equal(bytes.readUInt32LE(40), 0xffffffff);
});

t.test('gives a service what is set for it', async (t) => {
  const fake = await new OpenAiSpeech().listen();
  t.teardown(() => fake.close());
  const { OPENAI_TTS_SERVER: server = '', OPENAI_API_KEY: key = '' } = fake.environment;
  const path = join(t.testdir(), 'a.wav');
  const made = await say(
    'Hello.',
    '-o',
    path,
    '--voice=openai/nova',
    `server=${server}`,
    `key=${key}`,
    'speed=2',
  );
  t.match(made, { exit: 0 });
  t.match(JSON.parse(fake.asked[0]?.body.toString() ?? ''), { voice: 'nova', speed: 2 });
  const refused = await say('Hello.', '-o', path, '--voice=openai/nova', `server=${server}`, 'key=sk-wrong');
  t.equal(refused.exit, 1);
  t.match(refused.err, /refuses the voice openai \(401\).*Incorrect API key/);
  t.notMatch(refused.err, /sk-wrong/);
});

t.test('says what is wrong with the command line', async (t) => {
  for (const [args, err] of [
    [[], /nothing to say/],
    [['Hello.'], /no file to write to/],
    [['Hello.', '-o', 'x', '--rate', '3'], /8000 to 48000/],
    [['Hello', 'there', '-o', 'x'], /OPTION=VALUE but received "there"/],
  ] as const) {
    t.match(await say(...args), { exit: 2, err });
  }
  t.match(await say('Hello.', '-o', '/nowhere/at/all.wav'), { exit: 1, err: /cannot be written/ });
  t.match(await say('你好', '-o', join(t.testdir(), 'a.wav')), {
    exit: 1,
    err: /can say nothing of this text/,
  });
});
