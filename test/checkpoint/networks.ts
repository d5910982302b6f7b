/**
 * Checkpoints of every format and network, imported and run, against what torch made of the same weights
 * (test/fixtures/checkpoints.py). Channels are divided here; support/full.ts does the same in full size.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PACKAGE } from '../../src/graph/find.js';
import { expectedOf, importTo, readReferences, runOn, worst } from './support/reference.js';

const folder = join(PACKAGE, 'test', 'fixtures', 'checkpoint');
const references = readReferences(folder);

const cases = {
  'wav2lip-96-legacy': { title: 'Wav2Lip 96', features: 'mel', offset: 0, file: 'wav2lip-96-legacy.pth' },
  'wav2lip-256-zip': { title: 'Wav2Lip 256', features: 'mel', offset: 0, file: 'wav2lip-256-zip.pth' },
  'wav2lip-384-half': {
    title: 'Wav2Lip 384 with spatial attention',
    features: 'mel',
    offset: 0,
    file: 'wav2lip-384-half.pth',
  },
  'ultralight-hubert': {
    title: 'Ultralight 160 (hubert)',
    features: 'hubert',
    offset: -160,
    file: 'ultralight-hubert.pth',
  },
  'ultralight-wenet': {
    title: 'Ultralight 160 (wenet)',
    features: 'wenet',
    offset: -200,
    file: 'ultralight-wenet.pth',
  },
  'ultralight-ave-320': {
    title: 'Ultralight 320 (ave)',
    features: 'ave',
    offset: -320,
    file: 'ultralight-ave-320.safetensors',
  },
};

t.same(Object.keys(references), Object.keys(cases), 'every fixture is looked at');

for (const [name, { title, features, offset, file }] of Object.entries(cases)) {
  t.test(`${file} gives what torch gives`, async (t) => {
    const reference = references[name]!;
    const to = join(t.testdir(), 'net.onnx');
    const network = await importTo(join(folder, file), to, { features });
    t.match(network, { title, features, size: reference.size, windowOffsetMs: offset });
    const { out, rgb } = await runOn(to, reference, ['out', 'rgb']);
    const floats = out!.data as Float32Array;
    const expected = expectedOf(folder, name, reference);
    const spread = Math.max(...expected) - Math.min(...expected);
    t.ok(spread > 0.3, `the reference is a picture, not grey (${spread})`);
    const error = worst(floats, expected, reference.stride);
    t.ok(error < 1e-5, `differs by ${error}`);

    const { size } = reference;
    t.same(rgb!.dims, [2, size, size, 3]);
    const area = size * size;
    const bytes = Uint8Array.from({ length: 6 * area }, (_, i) => {
      const [batch, pixel, channel] = [Math.floor(i / 3 / area), Math.floor(i / 3) % area, i % 3];
      return Math.fround(floats[(3 * batch + 2 - channel) * area + pixel]! * 255);
    });
    t.same(Buffer.compare(bytes, rgb!.data as Uint8Array), 0, 'rgb is out in bytes, cut, red first');
  });
}

t.test('with float16 weights every network runs, and gives nearly the same picture', async (t) => {
  const dir = t.testdir();
  for (const [name, { file, features }] of Object.entries(cases)) {
    const reference = references[name]!;
    const [full, half] = ['full', 'half'].map((one) => join(dir, `${name}-${one}.onnx`)) as [string, string];
    await importTo(join(folder, file), full, { features });
    await importTo(join(folder, file), half, { features, fp16: true });
    const { out } = await runOn(half, reference, ['out']);
    const error = worst(out!.data as Float32Array, expectedOf(folder, name, reference), reference.stride);
    t.ok(error > 1e-6 && error < 0.02, `${name} differs by ${error}`);
    const saved = readFileSync(full).length - readFileSync(half).length;
    // Two bytes for each weight that is left: in nets as thin as these BatchNorm, which is folded, is a good part.
    t.ok(saved > 1.2 * reference.params, `${name}: ${saved} bytes less`);
  }
});
