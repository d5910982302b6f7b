import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/cli/main.js';
import { PACKAGE } from '../../src/graph/find.js';
import { Pipeline } from '../../src/graph/pipeline.js';
import { until } from '../support/script.js';
import { fakeTerminal } from '../support/terminal.js';

async function launch(...args: string[]) {
  const terminal = fakeTerminal();
  const exit = await run(['launch', ...args], terminal);
  return { exit, ...terminal.written };
}

t.test('plays a line to its end and says how long it took', async (t) => {
  const { exit, out, err } = await launch(
    'audiotestsrc',
    'num-buffers=10',
    'samplesperbuffer=880',
    '!',
    'audio/x-raw,rate=8800',
    '!',
    'fakesink',
  );
  t.equal(exit, 0);
  t.equal(out, '');
  t.match(err, /^Playing\. .*\nDone: 1\.0 s of media in \d+\.\d s \(\d+\.\dx\)\.\n$/);
});

t.test('plays one element, and a line given as one word', async (t) => {
  t.match(await launch('-q', 'fakesrc num-buffers=1 ! fakesink'), { exit: 0, out: '', err: '' });
});

t.test('what GStreamer refuses is shown in the line, all at once', async (t) => {
  const { exit, err } = await launch('fakesrc', 'num-bufers=1', '!', 'fakesnk', 'text=a');
  t.equal(exit, 2);
  t.match(err, 'launch line:1:9: fakesrc has no property "num-bufers", did you mean "num-buffers"?');
  t.match(err, 'launch line:1:24: there is no element "fakesnk", did you mean "fakesink"?');
  t.match(await launch('fakesrc ! ! fakesink'), {
    exit: 2,
    err: /launch line:1:11: a link needs something before it\n {2}1 \| fakesrc ! ! fakesink\n {4}\| {11}\^/,
  });
});

t.test('what only GStreamer finds is told in its words', async (t) => {
  t.match(await launch('audiotestsrc ! video/x-raw ! fakesink'), {
    exit: 2,
    err: /^error: could not link audiotestsrc\d+ to fakesink\d+, audiotestsrc\d+ can't handle caps video\/x-raw\n$/,
  });
});

t.test('a letter that GStreamer would take for the end of the line is refused', async (t) => {
  t.match(await launch('fakesrc num-buffers=1 ! fakesink é nonsense'), {
    exit: 2,
    err: /"é" cannot stand outside a quoted value/,
  });
});

t.test('an error of an element has a sentence, its place, its kind and a hint', async (t) => {
  const { exit, err } = await launch('filesrc name=reader location=/no/such/file ! fakesink');
  t.equal(exit, 1);
  t.match(
    err,
    /^error: Resource not found\.\n {2}No such file "\/no\/such\/file"\n {2}in reader \(resource\/not-found\)\n {2}-v shows the details, .*\n$/,
  );
  t.match(await launch('-v', 'filesrc name=reader location=/no/such/file ! fakesink'), {
    exit: 1,
    err: /gstfilesrc\.c/,
  });
});

t.test('-v tells properties and caps, -t tags, -m all messages', async (t) => {
  const line = 'audiotestsrc num-buffers=2 ! taginject tags="title=\\"A tune\\"" ! level ! fakesink name=end';
  const verbose = await launch('-v', line);
  t.match(verbose.out, /end\.sink: caps = audio\/x-raw/);
  t.match((await launch('-t', line)).out, /^tags from end: .*title: A tune/m);
  const { out } = await launch('-m', line);
  t.match(out, /^state: state=playing, previous=paused$/m);
  t.match(out, /^stream-start$/m);
  t.match(out, /^eos$/m);
  t.match(out, /^level from level\d+: .*rms=/m);
});

t.test('--json writes one object for each message, and how it ended', async (t) => {
  const lines = (await launch('--json', 'audiotestsrc num-buffers=2 ! level ! fakesink')).out
    .trim()
    .split('\n');
  const messages = lines.map((line) => JSON.parse(line));
  const types = messages.map((message) => message.type);
  for (const type of ['state', 'stream-start', 'mark', 'eos']) t.ok(types.includes(type), type);
  t.same(messages.at(-1), { type: 'end', exit: 0 });
  const failed = await launch('--json', 'filesrc name=r location=/no/such/file ! fakesink');
  t.equal(failed.err, '');
  const errors = failed.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((message) => message.type === 'error');
  t.match(errors, [{ code: 'resource/not-found', element: 'r', retryable: false, debug: /gstfilesrc/ }]);
});

t.test(
  '--json: what was never started is an object too, with every place, and nothing is on the other side',
  async (t) => {
    const objects = async (...args: string[]) => {
      const { exit, out, err } = await launch('--json', ...args);
      t.equal(err, '');
      return {
        exit,
        messages: out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      };
    };
    t.match(await objects('fakesrc num-bufers=1 ! fakesink'), {
      exit: 2,
      messages: [
        {
          type: 'error',
          code: 'resource/settings',
          message: /^launch line:1:9: fakesrc has no property/,
          problems: [{ line: 1, column: 9, length: 10, message: /did you mean "num-buffers"/ }],
        },
        { type: 'end', exit: 2 },
      ],
    });
    t.match(await objects('no-such.yaml'), {
      exit: 2,
      messages: [{ type: 'error' }, { type: 'end', exit: 2 }],
    });
  },
);

t.test('a value out of its range is shown in the line, with the range', async (t) => {
  t.match(await launch('ttssrc rate=5 ! fakesink'), {
    exit: 2,
    err: /^error: launch line:1:13: "rate" of ttssrc must be from 8000 to 48000 \(Hz\)\n.*\n {4}\| {13}\^\n$/,
  });
});

t.test('a graph file plays with its parameters; its secrets are in no output', async (t) => {
  const dir = t.testdir({
    'g.yaml': `parameters:
  count: { type: int, default: 5 }
  key: { type: string, secret: true }
elements:
  tone: { factory: audiotestsrc, num-buffers: $count }
  file: { factory: filesink, location: $key }
links: [tone. ! wavenc ! file.]
`,
  });
  const graph = join(dir, 'g.yaml');
  t.match(await launch(graph, `key=${dir}/sesame.wav`), { exit: 0 });
  t.ok(existsSync(join(dir, 'sesame.wav')));
  t.match(await launch(graph, 'cout=3'), { exit: 2, err: /no parameter "cout", did you mean "count"/ });
  const all = await launch('-vm', graph, 'key=/no/such/sesame');
  t.equal(all.exit, 1);
  t.match(all.err, /\*\*\*/);
  t.notMatch(all.out + all.err, 'sesame');
});

t.test('Ctrl-C ends the stream, so that the file is whole', async (t) => {
  const file = join(t.testdir(), 'a.mp4');
  const terminal = fakeTerminal();
  const line = `audiotestsrc is-live=true ! level interval=50000000 ! audioconvert ! avenc_aac ! mp4mux ! filesink location=${file}`;
  const ended = run(['launch', '-m', line], terminal);
  await terminal.until(/level from.*\n.*level from/);
  terminal.interrupt();
  t.equal(await ended, 0);
  t.match(terminal.written.err, /Ending the stream\. Ctrl-C again stops at once/);
  t.match(terminal.written.err, /Done: 0\.\d s of media/);
  const player = Pipeline.launch(`filesrc location=${file} ! qtdemux ! avdec_aac ! fakesink`);
  const finished = player.finished();
  await player.play();
  await finished;
  t.ok((player.duration() ?? 0) > 50e6);
  await player.close();
});

t.test('it waits while a queue of the network kind fills', async (t) => {
  const line =
    'audiotestsrc num-buffers=400 ! queue2 use-buffering=true max-size-buffers=100 max-size-bytes=0 max-size-time=0 ! fakesink';
  const { exit, out } = await launch('-m', line);
  t.equal(exit, 0);
  t.match(out, /^buffering: element=queue2-\d+, percent=\d+$/m);
});

t.test('Ctrl-C twice stops at once', async (t) => {
  const terminal = fakeTerminal();
  const ended = run(['launch', 'audiotestsrc is-live=true ! fakesink'], terminal);
  await terminal.until(/Playing/);
  terminal.interrupt();
  terminal.interrupt();
  terminal.interrupt();
  t.equal(await ended, 130);
  t.match(terminal.written.err, /Stopped\.\n$/);
});

t.test('Ctrl-C before anything plays stops at once', async (t) => {
  const terminal = fakeTerminal();
  const ended = run(['launch', 'appsrc ! fakesink'], terminal);
  // The pipeline exists as soon as this command listens for interrupts, and it never gets data.
  await until(() => terminal.interrupted() !== 0);
  terminal.interrupt();
  t.equal(await ended, 130);
});

t.test('a file being written shows its progress on a terminal', async (t) => {
  const terminal = fakeTerminal({ watched: true });
  const file = join(t.testdir(), 'a.wav');
  const ended = run(['launch', `audiotestsrc is-live=true ! wavenc ! filesink location=${file}`], terminal);
  await terminal.until(/ s {2}\d\.\dx/);
  terminal.interrupt();
  t.equal(await ended, 0);
});

t.test('as a program: exit codes, signals, and output that nobody reads to its end', async (t) => {
  const bin = join(PACKAGE, 'src/cli/talkgraph.mjs');
  const start = (...args: string[]) =>
    spawn(process.execPath, [bin, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
  const missing = start('launch', 'nosuchthing');
  t.equal((await once(missing, 'exit'))[0], 2);
  const live = start('launch', 'audiotestsrc', 'is-live=true', '!', 'fakesink');
  for await (const text of live.stderr) if (String(text).includes('Playing')) break;
  live.kill('SIGINT');
  t.same(await once(live, 'exit'), [0, null]);
  const list = start('inspect');
  list.stdout.once('data', () => list.stdout.destroy());
  t.same(await once(list, 'exit'), [0, null]);
});
