/**
 * A MuseTalk of ONNX files that others exported: as torch does it from diffusers (test/fixtures/musetalk_onnx.py), and with
 * ends of other kinds.
 */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import ort from 'onnxruntime-node';
import t from 'tap';
import { importModel, importModels } from '../../src/checkpoint/index.js';
import { GraphBuilder } from '../../src/checkpoint/onnx/graph.js';
import { lookAt } from '../../src/checkpoint/onnx/look.js';
import { encodeModel, type Port } from '../../src/checkpoint/onnx/model.js';
import { writePart } from '../../src/checkpoint/onnx/write.js';
import { readManifest, verifyWeights, WorkerPool } from '../../src/inference/index.js';
import { join, runAll } from '../../src/inference/links.js';
import type { Net } from '../../src/inference/net.js';
import { Sessions } from '../../src/inference/sessions.js';
import { type Expected, inputsFor, type Part, putOnnx, putWeights, SMALL } from './support/musetalk.js';

const pool = new WorkerPool({ workers: 1 });
t.teardown(() => pool.close());
const root = t.testdir();
let folders = 0;

/** A folder of its own. */
function fresh(): string {
  const folder = path(root, `${folders++}`);
  mkdirSync(folder);
  return folder;
}

const from = fresh();
const unet = putOnnx(from, 'unet');
const [vae, vaeEncoder] = [putOnnx(from, 'decoder'), putOnnx(from, 'encoder')];

/** The row `n` of what a reference was given. */
function rowOf(part: Part, expected: Expected, n: number): Record<string, Float32Array | Uint8Array> {
  const rows = expected.shape[0] ?? 1;
  return Object.fromEntries(
    Object.entries(inputsFor(part, expected).feeds).map(([name, { data }]) => {
      const length = data.length / rows;
      return [name, (data as Float32Array | Uint8Array).subarray(n * length, (n + 1) * length)];
    }),
  );
}

/** The largest difference of the first rows to a reference. */
function differs(
  rows: readonly (Float32Array | Uint8Array | undefined)[],
  { stride, values = '' }: Expected,
): number {
  const found = rows.flatMap((row) => [...(row ?? [])]);
  const bytes = Buffer.from(values, 'base64');
  const want = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const seen = want.subarray(0, Math.ceil(found.length / stride));
  return seen.reduce((most, one, i) => Math.max(most, Math.abs(one - found[i * stride]!)), 0);
}

/** Runs the files of a net once, as an inference thread does, without its being timed. */
async function runOnce(
  net: Net,
  row: Record<string, Float32Array | Uint8Array>,
): Promise<Record<string, Float32Array | Uint8Array>> {
  const sessions = new Sessions(() => false);
  const links = join(net, await sessions.open(net, 2, 'cpu'));
  const feeds = Object.entries(row).map(([name, data]) => {
    const dims = [1, ...(net.inputs[name] ?? [])];
    const type = data instanceof Uint8Array ? 'uint8' : 'float32';
    return [name, new ort.Tensor(type, data as Float32Array, dims)] as const;
  });
  const given = await runAll(links, Object.fromEntries(feeds), Object.keys(net.outputs));
  await sessions.close();
  return Object.fromEntries(Object.entries(given).map(([name, { data }]) => [name, data as Float32Array]));
}

t.test('three files as torch exports them paint what diffusers paints', async (t) => {
  const folder = fresh();
  const { title } = await importModel(unet, { name: 'muse', folder, vae, vaeEncoder });
  t.equal(title, 'MuseTalk (ONNX)');
  const manifest = await readManifest('muse', [folder]);
  t.match(manifest, {
    family: 'musetalk',
    size: 256,
    features: 'whisper',
    windowOffsetMs: -80,
    colour: 'RGB',
  });
  const own = (file: string) => readFileSync(path(folder, 'muse', file));
  t.ok(
    own('unet/unet.onnx').equals(readFileSync(unet)) &&
      own('unet/unet.bin').equals(readFileSync(path(from, 'unet.bin'))),
  );

  const { talk, latents } = SMALL.expected;
  const rows = [await runOnce(manifest, rowOf('talk', talk, 0))];
  const error = differs(
    rows.map(({ out }) => out),
    talk,
  );
  t.ok(error < 1e-5, `a picture differs by ${error}`);
  const { out, rgb } = rows[0]!;
  const area = 256 * 256;
  const off = (rgb as Uint8Array).reduce(
    (most, level, i) => Math.max(most, Math.abs(level - 255 * out![(i % 3) * area + Math.floor(i / 3)]!)),
    0,
  );
  t.ok(off < 0.501, 'bytes are the nearest levels, red first');

  const { latent } = await runOnce(manifest.latents!, rowOf('latents', latents, 0));
  const far = differs([latent], latents);
  t.ok(far < 5e-5, `latents differ by ${far}`);
});

t.test('its weights are checked, and those that are missing or lie elsewhere are named', async (t) => {
  const [lonely, folder] = [fresh(), fresh()];
  const file = putOnnx(lonely, 'unet');
  const refuses = async (message: RegExp) =>
    await t.rejects(importModel(file, { name: 'muse', folder, vae, vaeEncoder }), {
      code: 'stream/format',
      message,
    });
  rmSync(path(lonely, 'unet.bin'));
  await refuses(/its weights lie in unet\.bin beside it, which is not there; put it there, too/);
  symlinkSync(path(from, 'unet.bin'), path(lonely, 'unet.bin'));
  await refuses(/its weights lie in "unet\.bin", which is outside of its folder; that is not read/);
  const bytes = readFileSync(file).toString('latin1');
  writeFileSync(file, Buffer.from(bytes.replaceAll('unet.bin', '../x.bin'), 'latin1'));
  await refuses(/"\.\.\/x\.bin", which is outside of its folder/);

  await importModel(unet, { name: 'muse', folder, vae, vaeEncoder });
  writeFileSync(path(folder, 'muse', 'decoder', 'decoder.bin'), 'other');
  await t.rejects(verifyWeights(await readManifest('muse', [folder])), {
    code: 'resource/read',
    message: /damaged/,
  });
});

t.test('the autoencoder may be a checkpoint, and all may lie in a folder', async (t) => {
  const [folder, checkpoints] = [fresh(), fresh()];
  const sd = putWeights(path(checkpoints, 'vae.safetensors'), 'vae');
  await importModel(unet, { name: 'half', folder, vae: sd });
  const manifest = await readManifest('half', [folder]);
  const { talk } = SMALL.expected;
  const { out } = await runOnce(manifest, rowOf('talk', talk, 0));
  t.ok(differs([out], talk) < 1e-5);
  t.ok(manifest.latents);

  const laid = fresh();
  for (const [name, as] of [
    ['unet', 'unet'],
    ['decoder', 'vae_decoder'],
    ['encoder', 'vae_encoder'],
  ] as const) {
    mkdirSync(path(laid, as));
    const file = putOnnx(path(laid, as), name);
    writeFileSync(path(laid, as, 'model.onnx'), readFileSync(file));
    rmSync(file);
  }
  const [made] = await importModels(laid, { name: 'laid', folder });
  t.equal(made!.title, 'MuseTalk (ONNX)');
  t.ok((await readManifest('laid', [folder])).latents, 'with what makes latents');
});

/** Ends of a file, and the steps from one to the other. */
interface Sketch {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly steps: (g: GraphBuilder) => void;
}

async function sketch(folder: string, name: string, { inputs, outputs, steps }: Sketch): Promise<string> {
  const g = new GraphBuilder();
  steps(g);
  const file = path(folder, `${name}.onnx`);
  await writePart(file, encodeModel({ name, ...g, inputs, outputs, metadata: {} }));
  return file;
}

const half = 'float16' as const;
const port = (name: string, shape: readonly (number | string)[], type: Port['type'] = half): Port => ({
  name,
  shape,
  type,
});
/** A convolution of single numbers that is the same for every channel: `to` from `from`, each the sum of all times `gain`. */
function spread(g: GraphBuilder, x: string, [to, from]: readonly [number, number], gain: number): string {
  const weights = g.once(`spread${to}`, [to, from, 1, 1], new Array<number>(to * from).fill(gain), 'float32');
  return g.node('Conv', [x, g.node('Cast', [weights], { to: 10 })]);
}
const halved = (g: GraphBuilder, value: number) =>
  g.node('Cast', [g.once(`n${value}`, [], [value])], { to: 10 });

/** A UNet of float16: every number is the mean of what is shown, plus the mean of what is heard, plus the moment. */
const unetSketch: Sketch = {
  inputs: [port('x', ['channels', 'h', 'w']), port('t', []), port('ctx', ['length', 384])],
  outputs: [port('y', [4, 32, 32])],
  steps: (g) => {
    const mean = g.node('ReduceMean', ['ctx'], { axes: [1, 2], keepdims: 1 });
    const heard = g.node('Unsqueeze', [mean, g.shared([3])]);
    const moment = g.reshape('t', -1, 1, 1, 1);
    g.named('y', 'Add', [g.node('Add', [spread(g, 'x', [4, 8], 1 / 8), heard]), moment]);
  },
};

t.test('float16 at all ends, a moment for each row, scales and ends inside', async (t) => {
  const [folder, files] = [fresh(), fresh()];
  const file = await sketch(files, 'unet', unetSketch);
  // It unscales by itself, and gives 0 to 1.
  const decodes = await sketch(files, 'decoder', {
    inputs: [port('z', [4, 32, 32])],
    outputs: [port('image', [3, 256, 256])],
    steps: (g) => {
      const x = spread(g, g.node('Mul', ['z', halved(g, 4)]), [3, 4], 1 / 16);
      const sizes = g.floats('sizes', [4], Float32Array.of(1, 1, 8, 8));
      const large = g.node('Resize', [g.node('Cast', [x], { to: 1 }), '', sizes]);
      const ends = [g.floats('zero', [], Float32Array.of(0)), g.floats('one', [], Float32Array.of(1))];
      g.named('image', 'Cast', [g.node('Clip', [large, ...ends])], { to: 10 });
    },
  });
  const encodes = await sketch(files, 'encoder', {
    inputs: [port('image', [3, 256, 256])],
    outputs: [port('z', [4, 32, 32])],
    steps: (g) => {
      const x = spread(g, 'image', [4, 3], 1 / 3);
      g.named('z', 'AveragePool', [x], { kernel_shape: [8, 8], strides: [8, 8] });
    },
  });
  await importModel(file, { name: 'muse', folder, vae: decodes, vaeEncoder: encodes });
  const manifest = await readManifest('muse', [folder]);
  const model = await pool.load(manifest, { outputs: ['out'] });
  const audio = new Float32Array(50 * 384).fill(0.25);
  const rows = [0.125, 0.25].map((level) => ({ latent: new Float32Array(8 * 32 * 32).fill(level), audio }));
  const found = await Promise.all(rows.map((inputs) => model.infer({ inputs })));
  // Sines and cosines of fifty places have this mean.
  const angle = (place: number, at: number) => place * 10000 ** (-(at - (at % 2)) / 384);
  const places = Array.from({ length: 50 * 384 }, (_, i) => {
    const [place, at] = [Math.floor(i / 384), i % 384];
    return at % 2 === 0 ? Math.sin(angle(place, at)) : Math.cos(angle(place, at));
  });
  const mean = places.reduce((sum, one) => sum + one, 0) / places.length;
  for (const [i, { out }] of found.entries()) {
    const want = [0.125, 0.25][i]! + 0.25 + mean;
    t.ok(want < 1 && Math.abs(out![77]! - want) < 2e-3, `row ${i}: ${out![77]} for ${want}`);
  }
  const encoder = await pool.load(manifest.latents!);
  const { latent } = await encoder.infer({ inputs: { face: new Uint8Array(3 * 256 * 256).fill(255) } });
  const at = (channel: number, row: number) => latent![(channel * 32 + row) * 32 + 5]!;
  // White above is 1, black below -1; all of it is scaled.
  for (const [channel, row, want] of [
    [0, 3, 1],
    [0, 20, -1],
    [4, 20, 1],
  ] as const) {
    t.ok(Math.abs(at(channel, row) - want * 0.18215) < 1e-3, `${channel} ${row}: ${at(channel, row)}`);
  }
});

t.test('files that do not fit are told what was expected and what came', async (t) => {
  const [folder, files] = [path(fresh(), 'models'), fresh()];
  const refuses = async (file: string, message: RegExp, options = {}) =>
    await t.rejects(importModel(file, { name: 'wrong', folder, ...options }), {
      code: 'stream/format',
      message,
    });
  await refuses(
    unet,
    /a MuseTalk is not whole without its autoencoder; say where it is: --vae vae_decoder\.onnx --vae-encoder/,
  );
  await refuses(
    vae,
    /looks like the decoder of the autoencoder that belongs to a MuseTalk: "models import unet\.onnx --vae/,
  );
  await refuses(vaeEncoder, /looks like the encoder .* \(here --vae-encoder/);
  await refuses(unet, /decoder of a MuseTalk takes \[batch,4,32,32\]/, { vae: vaeEncoder });
  await refuses(unet, /latent_sample is float32 .*the encoder of a MuseTalk takes \[batch,3,256,256\]/, {
    vae,
    vaeEncoder: vae,
  });
  const sd = putWeights(path(files, 'vae.safetensors'), 'vae');
  await refuses(unet, /is no ONNX file; a checkpoint, which holds both halves, is for --vae/, {
    vae,
    vaeEncoder: sd,
  });
  await refuses(unet, /holds the encoder, too; leave --vae-encoder out/, { vae: sd, vaeEncoder });
  await refuses(unet, /an ONNX file is taken as it is; --fp16 is for checkpoints/, { vae, fp16: true });
  const [x, time, heard] = unetSketch.inputs as [Port, Port, Port];
  let others = 0;
  const other = async (inputs: readonly Port[], outputs: readonly Port[], message: RegExp) =>
    await refuses(await sketch(files, `other${others++}`, { ...unetSketch, inputs, outputs }), message, {
      vae,
    });
  await other(
    [{ ...x, shape: [4, 64, 64] }, time, heard],
    unetSketch.outputs,
    /x is float16 \[batch,4,64,64\]; MuseTalk paints into \[batch,8,32,32\]/,
  );
  await other(
    [x, time, { ...heard, shape: [77, 768] }],
    unetSketch.outputs,
    /ctx is float16 \[batch,77,768\]; MuseTalk hears \[batch,50,384\]/,
  );
  await other(
    unetSketch.inputs,
    [port('y', [8, 32, 32])],
    /y is float16 \[batch,8,32,32\]; MuseTalk gives \[batch,4,32,32\]/,
  );
});

t.test('what is no ONNX file, or a damaged one, is told without being read on', async (t) => {
  const folder = fresh();
  const look = (name: string, bytes: Uint8Array) => {
    writeFileSync(path(folder, name), bytes);
    return lookAt(path(folder, name));
  };
  const whole = readFileSync(unet);
  await t.rejects(look('cut', whole.subarray(0, whole.length / 2)), /cut off or damaged/);
  await t.rejects(look('none', new Uint8Array(0)), /it has no graph/);
  await t.rejects(look('text', Buffer.from('<html>')), /no ONNX file|cut off or damaged/);
  // A field of 2^60 bytes; a number without an end.
  await t.rejects(
    look('huge', Uint8Array.of(0x3a, ...new Array<number>(8).fill(0xff), 0x0f)),
    /cut off or damaged/,
  );
  await t.rejects(look('endless', new Uint8Array(40).fill(0xff)), /cut off or damaged/);
  // A graph in a graph in a graph: node 1, attribute 5, g 6.
  let graph = Uint8Array.of();
  const wrap = (field: number, inner: Uint8Array) => {
    const length: number[] = [];
    for (let n = inner.length; ; n = Math.floor(n / 128)) {
      if (n < 128) {
        length.push(n);
        break;
      }
      length.push((n % 128) | 128);
    }
    return Uint8Array.from([(field << 3) | 2, ...length, ...inner]);
  };
  for (let i = 0; i < 100; i++) graph = wrap(1, wrap(5, wrap(6, graph)));
  await t.rejects(look('deep', wrap(7, graph)), /more than 16 graphs inside of each other/);
});
