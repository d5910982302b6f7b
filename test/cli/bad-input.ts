/**
 * Bad input of every kind to the command as a process: it ends by itself with the right exit code, says what was
 * expected, and leaves no file behind.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';
import { until } from '../support/script.js';

const dir = t.testdir({
  'broken.yaml': 'elements: { a: { factory: fakesrc\nlinks: [\n',
  'unknown.yaml': 'elments: { a: fakesrc }\nlinks: [ fakesrc ! fakesink ]\n',
  'loop.yaml': 'include: [loop.yaml]\nlinks: [ fakesrc ! fakesink ]\n',
  'range.yaml': 'elements: { a: { factory: ttssrc, rate: 5, marks: 7 } }\nlinks: [ a. ! fakesink ]\n',
  'empty.yaml': '',
  files: {},
});
const files = join(dir, 'files');

function start(...args: string[]) {
  return spawn(process.execPath, [join(PACKAGE, 'src/cli/talkgraph.mjs'), ...args], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
}

async function talkgraph(...args: string[]): Promise<{ exit: number | null; out: string; err: string }> {
  const child = start(...args);
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (written.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (written.err += text));
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, ...written };
}

let rendered = 0;
/** Renders into a file of its own, which must not be there afterwards. */
const render = (...words: string[]) => [
  'launch',
  '-q',
  'render.yaml',
  `location=${files}/${++rendered}.mp4`,
  ...words,
];
const say = (text: string, ...words: string[]) =>
  `ttssrc is-live=false text="${text}" ${words.join(' ')} ! fakesink`;

const rows: [name: string, args: string[], exit: number, err: RegExp][] = [
  [
    'an unknown element',
    ['launch', 'ttsrc ! fakesink'],
    2,
    /1:1: there is no element "ttsrc", did you mean "ttssrc"/,
  ],
  [
    'an unknown property',
    ['launch', 'ttssrc voise=x ! fakesink'],
    2,
    /no property "voise", did you mean "voice"/,
  ],
  [
    'an unknown pad',
    ['launch', 'ttssrc .sound ! fakesink'],
    2,
    /ttssrc has no src pad "sound" \(there is src\)/,
  ],
  [
    'caps that are none',
    ['launch', 'ttssrc ! audio/x-raw,rate=(int)fast ! fakesink'],
    2,
    /not in the syntax of caps/,
  ],
  ['a value out of range', ['launch', 'ttssrc lead=9000 ! fakesink'], 2, /must be from 0 to 2000 \(ms\)/],
  ['a value of another type', ['launch', 'ttssrc is-live=perhaps ! fakesink'], 2, /must be true or false/],
  [
    'broken YAML',
    ['launch', 'broken.yaml'],
    2,
    /^error: broken\.yaml:2:1: a bracket is not closed: "}".*\n.*\n.*\^\n$/,
  ],
  [
    'an unknown key',
    ['launch', 'unknown.yaml'],
    2,
    /unknown\.yaml:1:1: "elments" .*, did you mean "elements"/,
  ],
  ['a file that includes itself', ['launch', 'loop.yaml'], 2, /loop\.yaml:1:11: loop\.yaml includes itself/],
  [
    'ranges in a file',
    ['launch', 'range.yaml'],
    2,
    /1:41: .*\(Hz\)(?:.|\n)*1:51: "marks"(?:.|\n)*2 things are wrong/,
  ],
  ['a missing parameter', ['launch', 'render.yaml', 'text=Hi'], 2, /location=… is needed \(file to write\)/],
  ['an unknown parameter', render('text=Hi', 'voise=x'), 2, /no parameter "voise", did you mean "voice"/],
  ['a missing model', render('text=Hi', 'model=nobody'), 1, /There is no model "nobody"\. .*tinylip/],
  ['a missing avatar', render('text=Hi', 'avatar=nobody'), 1, /There is no avatar "nobody"\. There are: ava/],
  [
    'a missing voice',
    [
      'launch',
      '-q',
      `ttssrc voice=flite/nobody text=Hi is-live=false ! recordsink location=${files}/voice.wav`,
    ],
    1,
    /flite has no voice nobody\. There are .*slt/,
  ],
  [
    'a text of no characters',
    ['launch', '-q', say('')],
    1,
    /Expected something to say for text but received nothing/,
  ],
  [
    'emoji alone',
    ['launch', '-q', `ttssrc text=🙂🙂 is-live=false ! recordsink location=${files}/emoji.wav`],
    1,
    /There is no letter and no digit in the text for flite\/slt/,
  ],
  [
    'a text from right to left',
    ['launch', '-q', say('مرحبا بالعالم')],
    1,
    /flite\/slt can say nothing .* these are Arabic/,
  ],
  ['a text half in other letters', ['launch', say('Hello 你好.')], 0, /warning: .* left out 2 of 7 .* Han/],
  ['a text of 100,000 characters', ['launch', '-q', say('440:0.001 '.repeat(10_000), 'voice=tone')], 0, /^$/],
  [
    'a folder that is not there',
    ['launch', '-q', 'render.yaml', 'text=Hi', 'location=no/a.mp4'],
    1,
    /no does not exist/,
  ],
  [
    'a full disk',
    ['launch', '-q', 'fakesrc num-buffers=1 sizetype=2 ! filesink location=/dev/full'],
    1,
    /No space left/,
  ],
];

/** All rows, in three rows of processes side by side: most of what each does is to start. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve(), Promise.resolve()];
const done = rows.map(([, args], n) => {
  const ended = Promise.resolve(lanes[n % 3]).then(() => talkgraph(...args));
  lanes[n % 3] = ended;
  return ended;
});

for (const [n, [name, , exit, err]] of rows.entries()) {
  t.test(`${name} is answered with exit code ${exit} and a sentence`, async (t) => {
    const ended = await done[n]!;
    t.match(ended, { exit, out: '', err });
    t.notMatch(ended.err, /GLib|CRITICAL| at file:/, 'nothing that only a programmer understands');
  });
}

t.test('none of them left a file', async (t) => t.same(readdirSync(files), []));

t.test('--json has nothing but JSON on standard output, and nothing beside it', async (t) => {
  for (const graph of [say('🙂'), 'ttssrc rate=5 ! fakesink', 'broken.yaml']) {
    const { exit, out, err } = await talkgraph('launch', '--json', graph);
    const messages = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.ok(messages.some(({ type }) => type === 'error'));
    t.match(messages.at(-1), { type: 'end', exit });
    t.not(exit, 0);
    t.equal(err, '');
  }
});

t.test('a text that takes an hour ends with Ctrl-C', async (t) => {
  const child = start('launch', say('and so on '.repeat(10_000)));
  for await (const text of child.stderr) if (String(text).includes('Playing')) break;
  child.kill('SIGINT');
  t.same(await once(child, 'exit'), [0, null]);
});

t.test('Ctrl-C while the graph still starts ends it at once, without a file', async (t) => {
  const child = start(...render('text=Hi'));
  const file = join(files, `${rendered}.mp4`);
  // The file is opened long before the model is loaded.
  await until(() => existsSync(file) || child.exitCode !== null);
  child.kill('SIGINT');
  const [exit] = await once(child, 'exit');
  t.equal(exit, 130);
  t.same(readdirSync(files), []);
});

t.test('whoever reads its output may stop reading', async (t) => {
  const child = start('launch', '-m', 'audiotestsrc num-buffers=2000 ! level interval=1000000 ! fakesink');
  child.stdout.once('data', () => child.stdout.destroy());
  child.stderr.resume();
  t.same(await once(child, 'exit'), [0, null]);
});
