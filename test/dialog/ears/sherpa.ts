/**
 * sherpa-onnx as far as it goes without weights, which cannot be had where tests run: a module of its interface stands in for the package.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import SherpaRecogniser from '../../../src/dialog/ears/engines/sherpa.js';
import { Hearing } from '../../../src/dialog/ears/hearing.js';
import { sherpaModel } from '../../../src/dialog/ears/sherpa/files.js';
import { PACKAGE } from '../../../src/graph/find.js';

delete process.env['SHERPA_MODEL'];
const STAND_IN = join(PACKAGE, 'test/fakes/fake-sherpa.mjs');

function folder(root: string, name: string, files: readonly string[]): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const file of files) writeFileSync(join(path, file), '');
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

t.test('turns go through the thread, several at a time', async (t) => {
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
