import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isListener, readListener, readManifest, readModel } from '../../src/inference/index.js';

t.test('reads the one that is shipped, as a model like any other', async (t) => {
  const silero = await readListener('silero');
  t.match(silero, { name: 'silero', family: 'silero', licence: 'MIT', inputs: { state: [2, 128] } });
  t.same(await readModel('silero'), silero);
  t.ok(isListener(silero));
});

t.test('a model of another sort is told by its own name', async (t) => {
  await t.rejects(readListener('tinylip'), { code: 'resource/settings', message: /family wav2lip/ });
  await t.rejects(readManifest('silero'), { code: 'resource/settings', message: /vadfilter/ });
});

t.test('names what is wrong with the manifest of a listener', async (t) => {
  const folder = t.testdir();
  const text =
    'name: ears\nfamily: silero\nfile: ears.onnx\nlicence: ours\ninputs: { sound: [576], state: [2, 128] }\noutputs: { speech: [1], next: [2, 128] }\n';
  const put = (content: string) => {
    mkdirSync(join(folder, 'ears'), { recursive: true });
    writeFileSync(join(folder, 'ears', 'model.yaml'), content);
  };
  put(text);
  t.match(await readListener('ears', [folder]), { path: join(folder, 'ears', 'ears.onnx') });
  for (const [from, to, message] of [
    ['[576]', '[512]', /inputs must be .*576.* but is .*512/],
    ['next:', 'after:', /outputs must be/],
    ['licence: ours\n', '', /licence/],
  ] as const) {
    put(text.replace(from, to));
    await t.rejects(readListener('ears', [folder]), { code: 'resource/settings', message });
  }
});
