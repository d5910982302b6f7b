/**
 * sherpa-onnx as far as it goes without weights, which cannot be had where tests run: a module of its interface stands in for the package.
 * The package itself is asked to load what is no model.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import SherpaRecogniser from '../../../src/dialog/ears/engines/sherpa.js';
import { Hearing, Recording } from '../../../src/dialog/ears/hearing.js';
import { sherpaModel } from '../../../src/dialog/ears/sherpa/files.js';
import { SherpaHost } from '../../../src/dialog/ears/sherpa/host.js';
import { PACKAGE } from '../../../src/graph/find.js';

delete process.env['SHERPA_MODEL'];
const STAND_IN = join(PACKAGE, 'test/fakes/fake-sherpa.mjs');

function folder(root: string, name: string, files: readonly string[], content = ''): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const file of files) writeFileSync(join(path, file), content);
  return path;
}

const ZIPFORMER = [
  'encoder-epoch-99.onnx',
  'decoder-epoch-99.onnx',
  'joiner-epoch-99.onnx',
  'encoder-epoch-99.int8.onnx',
  'tokens.txt',
];

t.test('what lies in a folder is told by its files', async (t) => {
  const root = t.testdir();
  const zipformer = folder(root, 'zipformer', ZIPFORMER);
  t.match(await sherpaModel(zipformer), {
    kind: 'online',
    modelConfig: {
      transducer: { encoder: join(zipformer, 'encoder-epoch-99.int8.onnx') },
      tokens: join(zipformer, 'tokens.txt'),
    },
  });
  const sense = await sherpaModel(
    folder(root, 'sense', ['model.int8.onnx', 'model.onnx', 'tokens.txt']),
    'zh',
  );
  t.match(sense, {
    kind: 'offline',
    modelConfig: { senseVoice: { language: 'zh', model: /model\.int8\.onnx$/ } },
  });
  const whisper = folder(root, 'whisper', ['tiny-encoder.onnx', 'tiny-decoder.onnx', 'tiny-tokens.txt']);
  t.match(await sherpaModel(whisper), {
    kind: 'offline',
    modelConfig: { whisper: { encoder: /tiny-encoder/ } },
  });
  await t.rejects(sherpaModel(join(root, 'nowhere')), {
    code: 'resource/not-found',
    message: /no such folder/,
  });
  await t.rejects(sherpaModel(folder(root, 'none', ['x.onnx'])), { message: /no tokens.txt/ });
  await t.rejects(sherpaModel(folder(root, 'other', ['x.onnx', 'tokens.txt'])), {
    message: /none of their ONNX files/,
  });
});

t.test('turns go through the process, several at a time', async (t) => {
  const root = t.testdir();
  const engine = new SherpaRecogniser(STAND_IN);
  t.teardown(() => engine.close());
  const hear = (model: string, seconds: number) => {
    const partials: string[] = [];
    const signal = new AbortController().signal;
    const request = { recogniser: engine, settings: { model }, signal, failed: () => undefined };
    const hearing = new Hearing({ ...request, partial: (text) => void partials.push(text) });
    for (let n = 0; n < seconds * 10; n++) hearing.push(new Int16Array(1600));
    hearing.end();
    return { words: hearing.words, partials };
  };
  const zipformer = folder(root, 'zipformer', ZIPFORMER);
  const sense = folder(root, 'sense', ['model.onnx', 'tokens.txt']);
  const turns = [hear(zipformer, 1.2), hear(zipformer, 2), hear(sense, 1)];
  t.same(await Promise.all(turns.map(({ words }) => words)), [
    'one two three',
    'one two three four',
    'sense 16000',
  ]);
  t.same([...new Set(turns[0]?.partials)], ['one', 'one two']);
  t.same(turns[2]?.partials, []);
});

t.test('without the package, without a model, and with one that is broken', async (t) => {
  const root = t.testdir();
  const model = folder(root, 'sense', ['model.onnx', 'tokens.txt']);
  const without = new SherpaRecogniser('sherpa-onnx-node-that-nobody-has');
  await t.rejects(without.check({ model }), {
    code: 'core/missing-element',
    message: /npm install sherpa-onnx-node/,
  });
  const engine = new SherpaRecogniser(STAND_IN);
  t.teardown(() => engine.close());
  await t.rejects(async () => engine.check({}), { code: 'resource/settings', message: /SHERPA_MODEL/ });
  const broken = folder(root, 'broken', ['model.onnx', 'tokens.txt']);
  await t.rejects(engine.check({ model: broken }), { code: 'library/init', debug: /is broken/ });
});

t.test('the package itself ends its own process only, over files that are no model', async (t) => {
  const engine = new SherpaRecogniser();
  t.teardown(() => engine.close());
  const kinds = {
    zipformer: ZIPFORMER,
    sense: ['model.onnx', 'tokens.txt'],
    whisper: ['tiny-encoder.onnx', 'tiny-decoder.onnx', 'tiny-tokens.txt'],
  };
  for (const [name, files] of Object.entries(kinds)) {
    const model = folder(t.testdir(), name, files, 'garbage');
    const wanted = {
      code: 'library/init',
      message: 'The model of the recogniser sherpa cannot be loaded.',
      debug: /\w/,
      retryable: false,
    };
    await t.rejects(engine.check({ model }), wanted, name);
    await t.rejects(engine.check({ model }), wanted, `${name} once more`);
  }
});

/** A turn of 3 s, said in one piece. */
function turn(): Recording {
  const recording = new Recording();
  recording.push(new Int16Array(48_000));
  recording.end();
  return recording;
}

function host(root: string, name: string, workingMs?: number): SherpaHost {
  const model = folder(root, name, ['model.onnx', 'tokens.txt']);
  return new SherpaHost(STAND_IN, () => sherpaModel(model), workingMs);
}

const none = () => undefined;
const alive = (pid: number | undefined): boolean => {
  try {
    return process.kill(pid as number, 0);
  } catch {
    return false;
  }
};

t.test('a process that ends fails the turns that it hears, and the next turn has a new one', async (t) => {
  const { signal } = new AbortController();
  const ears = host(t.testdir(), 'sense');
  t.teardown(() => ears.close());
  t.equal(await ears.hear(turn(), none, signal), 'sense 48000');
  const first = ears.pid as number;
  const unfinished = ears.hear(new Recording(), none, signal);
  const lost = t.rejects(unfinished, { code: 'library/failed', retryable: true, debug: /SIGKILL/ });
  process.kill(first, 'SIGKILL');
  await lost;
  t.equal(ears.pid, undefined);
  t.equal(await ears.hear(turn(), none, signal), 'sense 48000');
  const second = ears.pid as number;
  t.not(second, first);
  t.ok(alive(second));
  const open = t.rejects(ears.hear(new Recording(), none, signal), { code: 'library/shutdown' });
  await ears.ready();
  await ears.close();
  await open;
  t.notOk(alive(second));
});

t.test('a turn that is aborted has no words, and the process goes on', async (t) => {
  const ears = host(t.testdir(), 'sense');
  t.teardown(() => ears.close());
  await ears.ready();
  const { pid } = ears;
  const controller = new AbortController();
  const heard = ears.hear(new Recording(), none, controller.signal);
  controller.abort();
  t.equal(await heard, '');
  t.equal(await ears.hear(turn(), none, new AbortController().signal), 'sense 48000');
  t.equal(ears.pid, pid);
});

t.test('a turn that ends every process is given up after three', async (t) => {
  const model = folder(t.testdir(), 'deadly', ['model.onnx', 'tokens.txt']);
  const recogniser = new SherpaRecogniser(STAND_IN);
  t.teardown(() => recogniser.close());
  const failures: string[] = [];
  const { signal } = new AbortController();
  const hearing = new Hearing({
    recogniser,
    settings: { model },
    signal,
    partial: none,
    failed: ({ message, debug }) => void failures.push(`${message} ${debug}`),
    limits: { finishMs: 60_000, pauseMs: 1 },
  });
  hearing.push(new Int16Array(1600));
  hearing.end();
  await t.rejects(hearing.words, { code: 'library/failed', message: /3 times/, retryable: false });
  const ended = 'The process of the recogniser sherpa has ended. signal SIGSEGV';
  t.same(failures, [ended, ended]);
});

t.test('a turn that the library refuses fails alone', async (t) => {
  const ears = host(t.testdir(), 'failing');
  t.teardown(() => ears.close());
  await ears.ready();
  const { pid } = ears;
  const heard = ears.hear(turn(), none, new AbortController().signal);
  await t.rejects(heard, { code: 'library/failed', debug: 'cannot decode', retryable: false });
  t.equal(ears.pid, pid);
});

t.test('a process that answers no more is exchanged', async (t) => {
  const ears = host(t.testdir(), 'hanging', 200);
  t.teardown(() => ears.close());
  const { signal } = new AbortController();
  const wanted = { code: 'library/failed', retryable: true, debug: 'no answer for 200 ms' };
  await t.rejects(ears.hear(turn(), none, signal), wanted);
  t.equal(ears.pid, undefined);
});

t.test('a loaded model keeps no program alive', async (t) => {
  const model = folder(t.testdir(), 'sense', ['model.onnx', 'tokens.txt']);
  const engine = join(PACKAGE, 'dist/src/dialog/ears/engines/sherpa.js');
  const program = `
    import Sherpa from ${JSON.stringify(engine)};
    await new Sherpa(${JSON.stringify(STAND_IN)}).check({ model: ${JSON.stringify(model)} });
    console.log('loaded');
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  t.equal(stdout, 'loaded\n');
});
