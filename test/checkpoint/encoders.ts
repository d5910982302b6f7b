/** Encoders as ONNX files, told by their ends. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { importModel } from '../../src/checkpoint/index.js';
import { encoderOf } from '../../src/checkpoint/onnx/encoder.js';
import { PACKAGE } from '../../src/graph/find.js';
import { netOf, readEncoder, WorkerPool } from '../../src/inference/index.js';
import { ears, putEars } from '../support/ears.js';
import { model, node } from '../support/onnx.js';
import { compareEncoder, readReferences } from './support/encoders.js';

const pool = new WorkerPool({ workers: 1 });
t.teardown(() => pool.close());

t.test('each family is known by what it takes and gives, and runs', async (t) => {
  const folder = t.testdir();
  const cases = [
    {
      family: 'hubert',
      want: {
        names: { audio: 'input_values', hidden: 'last_hidden_state' },
        outputs: { hidden: ['any', 1024] },
      },
      lengths: { input: 3520, rows: 10 },
      sizes: { hidden: 10 * 1024 },
    },
    {
      family: 'whisper',
      want: { names: { mel: 'input_features', hidden: 'stack' }, outputs: { hidden: ['any', 5, 384] } },
      lengths: { input: 104, rows: 52 },
      sizes: { hidden: 52 * 5 * 384 },
    },
    {
      family: 'wenet',
      want: {
        batch: 1,
        constants: { offset: 100, att_cache: 0, cnn_cache: 0 },
        outputs: { hidden: [16, 512] },
      },
      lengths: { input: 67, rows: 16 },
      sizes: { hidden: 16 * 512 },
    },
    {
      family: 'ave',
      want: { names: { hidden: 'embedding' }, outputs: { hidden: [512] } },
      lengths: { input: 16, rows: 1 },
      sizes: { hidden: 512 },
    },
  ] as const;
  for (const { family, want, lengths, sizes } of cases) {
    const encoder = await readEncoder(await putEars(folder, family));
    t.match(encoder, { family, licence: 'ours', ...want });
    const net = netOf(encoder, lengths);
    const { infer } = await pool.load(net).then((loaded) => ({ infer: loaded.infer.bind(loaded) }));
    const inputs = Object.fromEntries(
      Object.entries(net.inputs).map(([name, shape]) => [
        name,
        new Float32Array(shape.reduce((a, b) => a * b)),
      ]),
    );
    const outputs = (await infer({ inputs })) as Record<string, Float32Array>;
    t.same(
      Object.fromEntries(Object.entries(outputs).map(([name, { length }]) => [name, length])),
      sizes,
      family,
    );
    // The offset of a hundred has reached it.
    if (family === 'wenet') t.ok(Math.abs(outputs['hidden']![5]! - 1) < 1e-6);
  }
});

t.test('layers of Whisper apart, and Whisper of 30 s alone', async (t) => {
  const folder = t.testdir();
  const encoder = await readEncoder(await putEars(folder, 'whisper', { separate: true, frames: 3000 }));
  t.same(encoder.inputs, { mel: [80, 3000] });
  t.same(Object.keys(encoder.outputs), ['hidden.0', 'hidden.1', 'hidden.2', 'hidden.3', 'hidden.4']);
  t.match(encoder.names, { 'hidden.4': 'hidden_states.4' });
});

t.test('two lengths of input are one session in each thread', async (t) => {
  const encoder = await readEncoder(await putEars(t.testdir(), 'hubert'));
  const [short, long] = await Promise.all([
    pool.load(netOf(encoder, { input: 3520, rows: 10 })),
    pool.load(netOf(encoder, { input: 16_640, rows: 51 })),
  ]);
  const run = async (loaded: typeof short, length: number) =>
    (await loaded.infer({ inputs: { audio: Float32Array.from({ length }, (_, n) => n) } }))[
      'hidden'
    ] as Float32Array;
  const [few, many] = await Promise.all([run(short, 3520), run(long, 16_640)]);
  t.same([few.length, many.length], [10 * 1024, 51 * 1024]);
  t.same([many[1024 * 50], many[1024 * 50 + 512]], [16_000, 16_399], 'first and last sample of the last row');
  t.same(few, many.slice(0, few.length));
  const first = await pool.load({ ...netOf(encoder, { input: 16_640, rows: 51 }), keep: 10 });
  const inputs = { audio: Float32Array.from({ length: 16_640 }, (_, n) => n) };
  const louder = { audio: inputs.audio.map((x) => 2 * x) };
  // The first one keeps the thread busy, so that the others are a batch.
  const rows = await Promise.all(
    [inputs, inputs, louder].map((one) => first.infer({ inputs: one, batch: 4 })),
  );
  t.same(rows[1]!['hidden'], few, 'or only the first rows of it');
  t.same(
    rows[2]!['hidden'],
    few.map((x) => 2 * x),
    'of each of a batch',
  );
});

t.test('a HuBERT that transformers exported gives what torch gave, at any length', async (t) => {
  const fixtures = join(PACKAGE, 'test', 'fixtures', 'checkpoint');
  const reference = readReferences(join(fixtures, 'encoders.json'))['hubert-small']!;
  const file = join(fixtures, 'hubert-small.onnx');
  const { title, worst, largest, heard, took } = await compareEncoder(file, 'small', reference, t.testdir());
  t.equal(title, 'HuBERT encoder, vectors of 16 (ONNX)');
  t.equal(took.length, 2);
  t.ok(largest > 1 && worst < 1e-5, `off by ${worst} of ${largest}`);
  t.ok(heard! < 1e-4, `windows of speech are off by ${heard} of those that LiveTalking's steps give`);
});

t.test('a checkpoint of the audio visual encoder gives what torch gave', async (t) => {
  const fixtures = join(PACKAGE, 'test', 'fixtures', 'checkpoint');
  const reference = readReferences(join(fixtures, 'encoders.json'))['ave-small']!;
  const file = join(fixtures, 'ave-small.pth');
  const folder = t.testdir();
  const { title, worst, largest } = await compareEncoder(file, 'ave', reference, folder);
  t.equal(title, 'audio visual encoder');
  t.ok(largest > 0.1 && worst < 1e-5, `off by ${worst} of ${largest}`);
  t.match(await readEncoder(join(folder, 'ave')), { family: 'ave', outputs: { hidden: [512] } });
});

t.test('a file that cannot be used as it is says how to export it', async (t) => {
  const folder = t.testdir();
  const cases: [Uint8Array, RegExp][] = [
    [ears('whisper', { frames: 104 }), /hears 104 mel frames; Whisper's encoder hears 3000, or any/],
    [
      model({
        nodes: [node('Identity', ['x'], 'y')],
        constants: [],
        inputs: { x: [80, 'frames'] },
        outputs: { y: [80, 'frames'] },
      }),
      /every layer of Whisper is heard: import model\.safetensors, .* or export it with output_hidden_states=True/,
    ],
  ];
  for (const [i, [onnx, message]] of cases.entries()) {
    const file = join(folder, `${i}.onnx`);
    writeFileSync(file, onnx);
    await t.rejects(importModel(file, { name: `m${i}`, folder }), { code: 'stream/format', message });
  }
  const port = (name: string, shape: (number | string)[], type = 'float32') => ({ name, shape, type });
  t.throws(
    () => encoderOf({ inputs: [port('x', ['batch', 16_000])], outputs: [port('y', ['batch', 49, 1024])] }),
    /exactly 16000 samples/,
  );
  t.throws(
    () =>
      encoderOf({
        inputs: [port('input_values', ['b', 'n']), port('attention_mask', ['b', 'n'], 'int64')],
        outputs: [port('last_hidden_state', ['b', 't', 1024])],
      }),
    /It wants attention_mask beside input_values; export it with input_values alone/,
  );
  t.throws(
    () => encoderOf({ inputs: [port('x', ['b', 'n'])], outputs: [port('y', ['b', 't', 'w'])] }),
    /how wide a vector is must be in the file/,
  );
  t.throws(
    () =>
      encoderOf({
        inputs: [port('chunk', [1, 1, 67, 80]), port('mood', [1])],
        outputs: [port('y', [1, 16, 512])],
      }),
    /Nothing fills its input mood/,
  );
  t.equal(
    encoderOf({ inputs: [port('mel', ['b', 1, 80, 16])], outputs: [port('picture', ['b', 3, 96, 96])] }),
    undefined,
  );
});
