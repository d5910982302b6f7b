/**
 * Files as models: what lies there afterwards, and that the pool runs it as torch did.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { importModel } from '../../src/checkpoint/index.js';
import { GraphBuilder } from '../../src/checkpoint/onnx/graph.js';
import { encodeModel, type Port } from '../../src/checkpoint/onnx/model.js';
import { int, message, text } from '../../src/checkpoint/onnx/protobuf.js';
import { writePart } from '../../src/checkpoint/onnx/write.js';
import { PACKAGE } from '../../src/graph/find.js';
import { readManifest, verifyWeights, WorkerPool } from '../../src/inference/index.js';
import { packUltralight } from '../../src/lipsync/families/ultralight.js';
import { packFace } from '../../src/lipsync/families/wav2lip.js';
import PATCH, { PATCH_BYTES } from '../../src/lipsync/patchbytes.js';
import { constant, model, node } from '../support/onnx.js';
import { inputsFor } from './support/noise.js';
import { expectedOf, readReferences, worst } from './support/reference.js';

const fixtures = join(PACKAGE, 'test', 'fixtures', 'checkpoint');
const references = readReferences(fixtures);
const pool = new WorkerPool({ workers: 1 });
t.teardown(() => pool.close());

const root = t.testdir();
let folders = 0;

/** A folder of its own. */
function fresh(): string {
  const folder = join(root, `${folders++}`);
  mkdirSync(folder);
  return folder;
}

/** The first row of the noise for a net: the crop in bytes, and what it hears. */
function firstRow(name: string) {
  const { size, audio } = references[name]!;
  const both = inputsFor(size, audio, 2);
  return {
    face: both.face.subarray(0, 3 * size * size),
    heard: both.audio.subarray(0, both.audio.length / 2),
  };
}

/** Largest difference of one row to what torch gave. */
function difference(name: string, out: Float32Array): number {
  const reference = references[name]!;
  const expected = expectedOf(fixtures, name, reference);
  return worst(out, expected.subarray(0, Math.ceil(out.length / reference.stride)), reference.stride);
}

t.test('a checkpoint becomes a folder that the pool runs', async (t) => {
  const folder = join(fresh(), 'models');
  const name = 'wav2lip-96-legacy';
  const made = await importModel(join(fixtures, `${name}.pth`), { name: 'mine', folder, licence: 'ours' });
  t.match(made, { name: 'mine', title: 'Wav2Lip 96', folder: join(folder, 'mine') });
  t.same(readdirSync(folder), ['mine'], 'nothing else is left there');
  t.same(readdirSync(made.folder).sort(), ['mine.onnx', 'model.yaml']);
  const manifest = await readManifest('mine', [folder]);
  t.match(manifest, {
    family: 'wav2lip',
    licence: 'ours',
    size: 96,
    features: 'mel',
    pixels: 'bytes',
    windowOffsetMs: 0,
    colour: 'BGR',
    inputs: { mel: [1, 80, 16], face: [96, 96, 3] },
  });
  const { face, heard } = firstRow(name);
  const model = await pool.load(manifest, { outputs: ['out'] });
  const { out } = await model.infer({ inputs: { mel: heard, face } });
  t.ok(difference(name, out as Float32Array) < 1e-5);

  const finished = await pool.load(manifest, { outputs: ['rgb'], finish: PATCH_BYTES });
  const patch = await finished.infer({ inputs: { mel: heard, face } });
  const floats = { ...manifest, pixels: 'floats' as const };
  t.same(
    Buffer.compare(patch, PATCH(floats, { out: out! }, undefined)),
    0,
    'bytes from the graph are those from TypeScript',
  );
  t.throws(() => model.infer({ inputs: { mel: heard, face: new Uint8Array(5) } }), /Expected 27648 numbers/);
});

t.test('metadata in the file says what it is', async (t) => {
  const folder = fresh();
  await importModel(join(fixtures, 'ultralight-hubert.pth'), {
    name: 'mine',
    folder,
    licence: 'by consent of A. B.',
  });
  const text = readFileSync(join(folder, 'mine', 'mine.onnx'), 'latin1');
  for (const fact of [
    'family',
    'ultralight',
    'window-offset-ms',
    '-160',
    'by consent of A. B.',
    'ultralight-hubert.pth',
  ]) {
    t.ok(text.includes(fact), fact);
  }
});

t.test('an ONNX file is taken as it is, under the names it has', async (t) => {
  const folder = fresh();
  const cases = [
    {
      name: 'wav2lip-96-legacy',
      pack: packFace,
      manifest: {
        family: 'wav2lip',
        names: { mel: 'mel_spectrogram', face: 'video_frames', out: 'predicted_frames' },
        batch: undefined,
      },
    },
    {
      name: 'ultralight-hubert',
      pack: packUltralight,
      manifest: {
        family: 'ultralight',
        features: 'hubert',
        names: { face: 'input', out: 'output' },
        batch: 1,
      },
    },
  ];
  for (const { name, pack, manifest } of cases) {
    const file = join(fixtures, `${name}.onnx`);
    await importModel(file, { name, folder });
    t.same(readFileSync(join(folder, name, `${name}.onnx`)), readFileSync(file));
    const found = await readManifest(name, [folder]);
    t.match(found, { ...manifest, pixels: 'floats', size: references[name]!.size });
    const { face, heard } = firstRow(name);
    const floats = pack(found, face, 'BGR');
    const model = await pool.load(found);
    const inputs = { [name.startsWith('wav') ? 'mel' : 'audio']: heard, face: floats };
    const rows = await Promise.all([1, 2, 3].map(() => model.infer({ inputs, batch: 16 })));
    for (const { out } of rows)
      t.ok(difference(name, out as Float32Array) < 1e-5, 'also when many rows wait');
  }
});

t.test('what was written here before is known again', async (t) => {
  const folder = fresh();
  const from = join(fixtures, 'ultralight-wenet.pth');
  await importModel(from, { name: 'first', folder });
  await importModel(join(folder, 'first', 'first.onnx'), { name: 'second', folder });
  const [first, second] = await Promise.all(['first', 'second'].map((name) => readManifest(name, [folder])));
  const { name: _a, path: _b, licence: _c, ...one } = first!;
  const { name: _d, path: _e, licence: _f, ...two } = second!;
  t.same(two, one);
});

/** An ONNX file with these inputs and outputs, each output made of the first input that has its size. */
async function onnxFile(inputs: readonly Port[], outputs: readonly Port[]): Promise<string> {
  const g = new GraphBuilder();
  for (const { name, type, shape } of outputs) {
    const channels = Number(shape[0] ?? 1);
    const all = g.node('Slice', [
      inputs[0]!.name,
      g.integers(`a${name}`, [0]),
      g.integers(`b${name}`, [channels]),
      g.integers(`c${name}`, [1]),
    ]);
    g.named(name, 'Cast', [all], { to: type === 'float16' ? 10 : type === 'float32' ? 1 : 2 });
  }
  const file = join(fresh(), 'net.onnx');
  await writePart(file, encodeModel({ name: 'net', ...g, inputs, outputs, metadata: {} }));
  return file;
}

const mel: Port = { name: 'source', type: 'float32', shape: [1, 80, 16] };
const face: Port = { name: 'target', type: 'float32', shape: [6, 64, 64] };
const out: Port = { name: 'output', type: 'float32', shape: [3, 64, 64] };

t.test('float16 at both ends is fed and read as such', async (t) => {
  const half = (port: Port): Port => ({ ...port, type: 'float16' });
  const file = await onnxFile([half(face), half(mel)], [half(out)]);
  const folder = join(fresh(), 'models');
  await importModel(file, { name: 'half', folder });
  const manifest = await readManifest('half', [folder]);
  const crop = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7) % 256);
  const inputs = { mel: new Float32Array(1280), face: packFace(manifest, crop, 'BGR') };
  const { out: floats } = await (await pool.load(manifest)).infer({ inputs });
  const error = (floats as Float32Array).reduce(
    (most, v, i) => Math.max(most, Math.abs(v - inputs.face[i]!)),
    0,
  );
  t.ok(error < 2 ** -11, `the masked half of the face comes back within half a step (${error})`);
  const finished = await pool.load(manifest, { finish: PATCH_BYTES });
  const patch = await finished.infer({ inputs });
  t.equal(patch.length, 3 * 64 * 64);
  t.ok(Math.abs(patch[0]! - crop[2]!) <= 1, 'and as bytes');
});

t.test('ONNX files that are something else are told as what they are', async (t) => {
  const folder = join(fresh(), 'models');
  const refuses = async (inputs: Port[], outputs: Port[], message: RegExp, options = {}) => {
    const file = await onnxFile(inputs, outputs);
    await t.rejects(importModel(file, { name: 'wrong', folder, ...options }), {
      code: 'stream/format',
      message,
    });
  };
  await refuses(
    [face],
    [out],
    /This is no lip-sync model that is known. It takes target float32 \[batch,6,64,64\]/,
  );
  await refuses([{ ...face, shape: [5, 64, 64] }, mel], [out], /This is no lip-sync model that is known/);
  await refuses(
    [face, { ...mel, shape: [1, 40, 16] }],
    [out],
    /source is float32 \[batch,1,40,16\]; mel windows are/,
  );
  await refuses(
    [{ ...face, shape: [6, 32, 64] }, mel],
    [out],
    /target is float32 \[batch,6,32,64\], not a square/,
  );
  await refuses([face, mel], [out], /not a square of 96 pixels/, { size: 96 });
  await refuses([face, mel], [out], /taken as it is; --fp16 is for checkpoints/, { fp16: true });
  const file = join(fresh(), 'cut.onnx');
  writeFileSync(file, readFileSync(join(fixtures, 'wav2lip-96-legacy.onnx')).subarray(0, 50_000));
  await t.rejects(importModel(file, { name: 'wrong', folder }), {
    code: 'stream/format',
    message: /cut\.onnx: it is cut off or damaged/,
  });
  t.same(readdirSync(folder), [], 'nothing is left of what failed');
});

t.test('an ONNX file whose weights lie beside it is taken with them', async (t) => {
  const folder = fresh();
  writeFileSync(join(folder, 'weights.bin'), new Uint8Array(Float32Array.of(0.25).buffer));
  // A TensorProto with external_data (13: key, value) and data_location (14) EXTERNAL.
  const external = [
    ...int(1, 1),
    ...int(2, 1),
    ...text(8, 'w'),
    ...message(13, [...text(1, 'location'), ...text(2, 'weights.bin')]),
    ...int(14, 1),
  ];
  const bytes = model({
    nodes: [node('Add', ['face', 'w'], 'sum'), node('Slice', ['sum', 'a', 'b', 'c'], 'out')],
    constants: [
      [...Buffer.concat(external as Uint8Array[])],
      constant('a', [1], [0], 'int64'),
      constant('b', [1], [3], 'int64'),
      constant('c', [1], [1], 'int64'),
    ],
    inputs: { mel: [1, 80, 16], face: [6, 64, 64] },
    outputs: { out: [3, 64, 64] },
  });
  const file = join(folder, 'net.onnx');
  writeFileSync(file, bytes);
  const made = await importModel(file, { name: 'apart', folder: join(folder, 'models') });
  t.same(readdirSync(made.folder).sort(), ['apart.onnx', 'model.yaml', 'weights.bin']);
  const manifest = await readManifest(made.folder);
  const face = new Float32Array(6 * 64 * 64).fill(0.5);
  const { out } = await (await pool.load(manifest)).infer({ inputs: { mel: new Float32Array(1280), face } });
  t.equal(out![9], 0.75, 'and runs with them');
  writeFileSync(join(made.folder, 'weights.bin'), new Uint8Array(4));
  await t.rejects(verifyWeights(manifest), { code: 'resource/read', message: /damaged or another version/ });
});

t.test('networks that are nearly known', async (t) => {
  const folder = join(fresh(), 'models');
  const ave = join(fixtures, 'ultralight-ave-320.safetensors');
  const refuses = (file: string, message: RegExp, options = {}) =>
    t.rejects(importModel(file, { name: 'wrong', folder, ...options }), { code: 'stream/format', message });
  await refuses(ave, /trained on hubert or ave features, whose shapes are alike; say which with --features/);
  await refuses(ave, /takes hubert or ave features, not wenet/, { features: 'wenet' });
  await refuses(ave, /takes crops of 320 pixels, not of 160/, { features: 'ave', size: 160 });
  await refuses(join(fixtures, 'wav2lip-96-legacy.pth'), /takes crops of 96 pixels, not of 256/, {
    size: 256,
  });
  t.notOk(existsSync(join(folder, 'wrong')));
});

t.test('384 also takes crops of 192', async (t) => {
  const folder = fresh();
  await importModel(join(fixtures, 'wav2lip-384-half.pth'), { name: 'small', folder, size: 192 });
  const manifest = await readManifest('small', [folder]);
  const model = await pool.load(manifest, { outputs: ['rgb'] });
  const { rgb } = await model.infer({
    inputs: { mel: new Float32Array(1280), face: new Uint8Array(3 * 192 * 192) },
  });
  t.equal(rgb!.length, 3 * 192 * 192);
});

t.test('names that are taken or are none', async (t) => {
  const folder = fresh();
  const file = join(fixtures, 'ultralight-hubert.pth');
  for (const name of ['', '.', '..', '../up', 'a/b', 'Größe', '-x', 'x'.repeat(64)]) {
    await t.rejects(importModel(file, { name, folder }), {
      code: 'resource/settings',
      message: /cannot be the name/,
    });
  }
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine', 'note'), '');
  await t.rejects(importModel(file, { name: 'mine', folder }), {
    code: 'resource/settings',
    message: /already/,
  });
  await importModel(file, { name: 'mine', folder, replace: true });
  t.same(readdirSync(join(folder, 'mine')).sort(), ['mine.onnx', 'model.yaml']);
  await importModel(file, { name: 'other', folder, replace: true });
  t.same(readdirSync(folder).sort(), ['mine', 'other']);
});
