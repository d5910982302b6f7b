import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readManifest } from '../../src/inference/manifest.js';
import { verifyWeights } from '../../src/inference/weights.js';
import { putStandIn } from '../support/standin.js';

t.test('reads a manifest by name, by folder and by file', async (t) => {
  const folder = putStandIn(t.testdir(), 24);
  for (const model of ['standin', join(folder, 'standin'), join(folder, 'standin', 'model.yaml')]) {
    const manifest = await readManifest(model, [join(folder, 'none'), folder]);
    t.match(manifest, {
      name: 'standin',
      family: 'wav2lip',
      path: join(folder, 'standin', 'standin.onnx'),
      size: 24,
      windowOffsetMs: -80,
      colour: 'BGR',
      quantise: 'round',
      features: 'mel',
    });
    await verifyWeights(manifest);
  }
});

t.test('says where it looked for a model and what is there', async (t) => {
  const folder = putStandIn(t.testdir());
  await t.rejects(readManifest('tinylap', [folder, '/nowhere']), {
    code: 'resource/not-found',
    message: 'There is no model "tinylap". There is: standin.',
    details: { folders: `${folder} /nowhere` },
  });
  await t.rejects(readManifest('', ['/nowhere']), /No model is there/);
  await t.rejects(readManifest('..', [folder]), { code: 'resource/not-found' });
  await t.rejects(readManifest(join(folder, 'other'), []), { code: 'resource/not-found' });
});

t.test('names the wrong key of a manifest', async (t) => {
  const folder = putStandIn(t.testdir());
  const file = join(folder, 'standin', 'model.yaml');
  const good = readFileSync(file, 'utf8');
  const cases: [string, string, RegExp][] = [
    ['family: wav2lip', 'family: wav2lap', /family: /],
    ['window-offset-ms: -80', 'window-offset: -80', /window-offset/],
    ['size: 16', 'size: 20', /inputs.face must be \[6,20,20\] for size 20 but is \[6,16,16\]/],
    ['size: 16', 'size: 18', /size: /],
    ['licence: Apache-2.0', '', /licence/],
    ['out: [3, 16, 16]', 'image: [3, 16, 16]', /an output called out/],
    ['name: standin', 'name: [', /is not right/],
  ];
  for (const [from, to, message] of cases) {
    writeFileSync(file, good.replace(from, to));
    await t.rejects(readManifest('standin', [folder]), { code: 'resource/settings', message });
  }
  rmSync(file);
  mkdirSync(file);
  await t.rejects(readManifest('standin', [folder]), { code: 'resource/not-found' });
});

t.test(
  'what is written into a manifest counts from its next reading on, of the same length, too',
  async (t) => {
    const folder = putStandIn(t.testdir());
    const file = join(folder, 'standin', 'model.yaml');
    const good = readFileSync(file, 'utf8');
    const first = await readManifest('standin', [folder]);
    (first.inputs as Record<string, unknown>)['face'] = 'whoever has one may do with it what they like';
    t.match(await readManifest('standin', [folder]), { windowOffsetMs: -80, inputs: { face: [6, 16, 16] } });
    writeFileSync(file, good.replace('window-offset-ms: -80', 'window-offset-ms: -70'));
    t.match(await readManifest('standin', [folder]), { windowOffsetMs: -70 });
    writeFileSync(file, good);
    t.match(await readManifest('standin', [folder]), { windowOffsetMs: -80 });
  },
);

t.test('a model of bytes, of another family, with names of its own', async (t) => {
  const folder = putStandIn(t.testdir());
  const file = join(folder, 'standin', 'model.yaml');
  const good = `name: standin
family: ultralight
file: standin.onnx
licence: ours
size: 16
features: hubert
window-offset-ms: -160
pixels: bytes
names: { audio: source, face: target }
batch: 1
inputs: { audio: [16, 32, 32], face: [16, 16, 3] }
outputs: { out: [3, 16, 16], rgb: [16, 16, 3] }
`;
  writeFileSync(file, good);
  t.match(await readManifest('standin', [folder]), {
    family: 'ultralight',
    features: 'hubert',
    pixels: 'bytes',
    names: { audio: 'source', face: 'target' },
    batch: 1,
  });
  const cases: [string, string, RegExp][] = [
    ['family: ultralight', 'family: wav2lip', /nothing fills an input audio; there are mel, face/],
    ['features: hubert', 'features: mel', /the family ultralight cannot have features of kind mel/],
    ['features: hubert', 'features: hubart', /features: /],
    ['pixels: bytes', 'pixels: floats', /inputs.face must be \[6,16,16\]/],
    ['rgb: [16, 16, 3]', 'params: [6]', /outputs.rgb must be \[16,16,3\]/],
    ['batch: 1', 'batch: 4', /batch: /],
    ['audio: [16, 32, 32]', 'audio: [1024]', /inputs.audio must be \[any,any,any\]/],
  ];
  for (const [from, to, message] of cases) {
    writeFileSync(file, good.replace(from, to));
    await t.rejects(readManifest('standin', [folder]), { code: 'resource/settings', message });
  }
});

t.test('knows missing and damaged weights', async (t) => {
  const folder = putStandIn(t.testdir());
  const manifest = await readManifest('standin', [folder]);
  writeFileSync(manifest.path, 'not these');
  await t.rejects(verifyWeights(manifest), { code: 'resource/read', message: /damaged or another version/ });
  rmSync(manifest.path);
  await t.rejects(verifyWeights(manifest), {
    code: 'resource/not-found',
    message: /has a manifest but no weights/,
  });
});
