/**
 * MuseTalk and what it hears with, imported and run, against what diffusers and transformers make of the same weights
 * (test/fixtures/musetalk.py). Channels are few here; support/full-musetalk.ts does the same in full size.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { convert, writeGraph } from '../../src/checkpoint/convert.js';
import { importModel, importModels } from '../../src/checkpoint/index.js';
import { Keys } from '../../src/checkpoint/networks/keys.js';
import { recognise, recogniseEncoder } from '../../src/checkpoint/networks/recognise.js';
import { Weights } from '../../src/checkpoint/weights.js';
import { PACKAGE } from '../../src/graph/find.js';
import { readEncoder, readManifest, WorkerPool } from '../../src/inference/index.js';
import { PATCH_BYTES } from '../../src/lipsync/patchbytes.js';
import { aged, differs, inputsFor, putWeights, runPart, SMALL } from './support/musetalk.js';

const { talk, latents, listen } = SMALL.expected;
const root = t.testdir();
const unet = putWeights(join(root, 'unet.safetensors'), 'unet');
const vae = putWeights(join(root, 'vae.safetensors'), 'vae');
const whisper = putWeights(join(root, 'whisper.safetensors'), 'whisper');
const pool = new WorkerPool({ workers: 1 });
t.teardown(() => pool.close());
let folders = 0;

/** A folder of its own. */
function fresh(): string {
  const folder = join(root, `${folders++}`);
  mkdirSync(folder);
  return folder;
}

/** Writes the network that talks, and answers its path. */
async function talking(from = vae, options: { fp16?: boolean; most?: number } = {}): Promise<string> {
  const to = join(fresh(), 'net.onnx');
  const [weights, beside] = await Promise.all([Weights.open(unet), Weights.open(from)]);
  await convert(weights, recognise(weights), to, { ...options, beside });
  await Promise.all([weights.close(), beside.close()]);
  return to;
}

/** It in one file, in full. */
const plain = await talking();

t.test('it paints what diffusers paints', async (t) => {
  const { out, rgb } = await runPart(plain, 'talk', talk, ['out', 'rgb']);
  const error = differs(out, talk);
  t.ok(error < 1e-5, `differs by ${error}`);
  const floats = out!.data as Float32Array;
  const spread =
    floats.reduce((most, v) => Math.max(most, v), 0) - floats.reduce((least, v) => Math.min(least, v), 1);
  t.ok(spread > 0.5, `it is a picture, not grey (${spread})`);
  t.same(rgb!.dims, [2, 256, 256, 3]);
  const bytes = rgb!.data as Uint8Array;
  const area = 256 * 256;
  let wrong = 0;
  for (let i = 0; i < bytes.length; i++) {
    const [row, pixel, channel] = [Math.floor(i / 3 / area), Math.floor(i / 3) % area, i % 3];
    const level = Math.fround(floats[(3 * row + channel) * area + pixel]! * 255);
    if (Math.abs(bytes[i]! - level) > 0.5) wrong++;
  }
  t.equal(wrong, 0, 'rgb is out in bytes, rounded, red first');
});

t.test('an autoencoder with keys as before diffusers 0.15 is the same', async (t) => {
  const old = putWeights(join(fresh(), 'vae.bin'), 'vae', { rename: aged });
  const { out } = await runPart(await talking(old), 'talk', talk);
  t.ok(differs(out, talk) < 1e-5);
});

t.test('weights that are too many for one file lie beside it', async (t) => {
  const file = await talking(vae, { most: 1000 });
  t.same(readdirSync(join(file, '..')).sort(), ['net.onnx', 'net.onnx.data']);
  t.ok(readFileSync(file).length < readFileSync(plain).length / 20);
  const one = await runPart(plain, 'talk', talk);
  const two = await runPart(file, 'talk', talk);
  const [a, b] = [one, two].map((found) => Buffer.from((found['out']!.data as Float32Array).buffer));
  t.equal(Buffer.compare(a!, b!), 0, 'and give the same picture');
  renameSync(`${file}.data`, `${file}.gone`);
  await t.rejects(runPart(file, 'talk', talk), 'without them there is none');
});

t.test('with float16 it paints nearly the same, in half the size', async (t) => {
  const file = await talking(vae, { fp16: true });
  const error = differs((await runPart(file, 'talk', talk))['out'], talk);
  t.ok(error > 1e-6 && error < 0.01, `differs by ${error}`);
  const part = readFileSync(file).length / readFileSync(plain).length;
  t.ok(part < 0.52, `${part} of the size`);
});

t.test('an import is a folder with both files, which the pool runs', async (t) => {
  const folder = fresh();
  const made = await importModel(unet, { name: 'muse', folder, vae });
  t.same(readdirSync(made.folder).sort(), ['latents.onnx', 'model.yaml', 'muse.onnx']);
  const manifest = await readManifest('muse', [folder]);
  t.match(manifest, {
    family: 'musetalk',
    size: 256,
    features: 'whisper',
    windowOffsetMs: -80,
    pixels: 'bytes',
    colour: 'RGB',
    quantise: 'round',
    inputs: { latent: [8, 32, 32], audio: [50, 384] },
    outputs: { out: [3, 256, 256], rgb: [256, 256, 3] },
  });
  const row = (part: 'talk' | 'latents', name: string) => {
    const data = inputsFor(part, SMALL.expected[part]).feeds[name]!.data as Float32Array | Uint8Array;
    return data.subarray(0, data.length / 2);
  };
  const inputs = {
    latent: row('talk', 'latent') as Float32Array,
    audio: row('talk', 'audio') as Float32Array,
  };
  const model = await pool.load(manifest, { outputs: ['rgb'], finish: PATCH_BYTES });
  const patch = await model.infer({ inputs });
  t.equal(patch.length, 3 * 256 * 256);
  const { rgb } = await runPart(manifest.path, 'talk', talk, ['rgb']);
  const off = patch.reduce((most, v, i) => Math.max(most, Math.abs(v - (rgb!.data as Uint8Array)[i]!)), 0);
  t.ok(off <= 1, 'one row gives what it gives among others');

  const { latent } = await (await pool.load(manifest.latents!)).infer({
    inputs: { face: row('latents', 'face') as Uint8Array },
  });
  const half = { ...latents, shape: [1, ...latents.shape.slice(1)] };
  const found = await runPart(manifest.latents!.path, 'latents', latents);
  t.ok(differs(found['latent'], latents) < 5e-5, `latents differ by ${differs(found['latent'], latents)}`);
  t.equal(
    latent!.length,
    half.shape.reduce((n, dim) => n * dim, 1),
  );
  const same = (found['latent']!.data as Float32Array).subarray(0, latent!.length);
  t.ok(latent!.every((v, i) => Math.abs(v - same[i]!) < 1e-4));
});

t.test('what is not all of it, or not it, is refused', async (t) => {
  const folder = join(fresh(), 'models');
  const refuses = (file: string, message: RegExp, options = {}) =>
    t.rejects(importModel(file, { name: 'wrong', folder, vae, ...options }), {
      code: 'stream/format',
      message,
    });
  const other = (changes: Parameters<typeof putWeights>[2], net: 'unet' | 'vae' = 'unet') =>
    putWeights(join(fresh(), 'other.safetensors'), net, changes);
  await t.rejects(importModel(unet, { name: 'wrong', folder }), {
    code: 'stream/format',
    message: /not whole without its autoencoder.*--vae/,
  });
  await refuses(vae, /is the autoencoder that belongs to a MuseTalk: import unet.pth/);
  await refuses(unet, /has no post_quant_conv.weight/, { vae: whisper });
  await refuses(
    other({ more: { 'class_embedding.weight': [4, 4] } }),
    /has these keys besides: class_embedding.weight/,
  );
  const another = other({ more: { 'decoder.attentions.weight': [4, 4] } }, 'vae');
  await refuses(
    unet,
    /looks like the autoencoder of Stable Diffusion, but has these keys besides: decoder.attentions/,
    {
      vae: another,
    },
  );
  const renamed = (from: string, to?: string) => (key: string) => (key === from ? to : key);
  await refuses(
    other({ rename: renamed('up_blocks.1.resnets.0.norm1.weight') }),
    /has no up_blocks.1.resnets.0.norm1.weight/,
  );
  await refuses(
    other({ rename: renamed('conv_in.weight'), more: { 'conv_in.weight': [32, 4, 3, 3] } }),
    /takes 4 channels and gives 4: it belongs to another diffusion model/,
  );
  await refuses(
    other({ rename: renamed('up_blocks.3.resnets.2.conv1.weight', 'up_blocks.3.resnets.3.conv1.weight') }),
    /up_blocks has 1 blocks too few/,
  );
  await refuses(unet, /takes faces of 256 pixels, not of 512/, { size: 512 });
  await refuses(
    join(PACKAGE, 'test', 'fixtures', 'checkpoint', 'wav2lip-96-legacy.pth'),
    /--vae says where the autoencoder of a MuseTalk is; this is Wav2Lip 96/,
  );
  t.same(readdirSync(folder), [], 'nothing is left of what failed');
});

/** Writes an encoder and answers its path. */
async function listening(file: string, fp16 = false): Promise<string> {
  const to = join(fresh(), 'encoder.onnx');
  const weights = await Weights.open(file);
  const encoder = recogniseEncoder(weights)!;
  await writeGraph(file, to, encoder.title, (g) => encoder.build(g, new Keys(weights)), { fp16 });
  await weights.close();
  return to;
}

/** Keys as OpenAI has them. */
function openai(key: string): string {
  return key
    .replace('embed_positions.weight', 'positional_embedding')
    .replace('layers.', 'blocks.')
    .replace('self_attn_layer_norm', 'attn_ln')
    .replace('final_layer_norm', 'mlp_ln')
    .replace('encoder.layer_norm', 'encoder.ln_post')
    .replace(
      /self_attn\.([qkv])_proj/,
      (_, map) => `attn.${{ q: 'query', k: 'key', v: 'value' }[map as 'q']}`,
    )
    .replace('self_attn.out_proj', 'attn.out')
    .replace('fc1', 'mlp.0')
    .replace('fc2', 'mlp.2');
}

t.test('it hears what transformers hears, whoever named the keys', async (t) => {
  const keys: Record<string, (key: string) => string> = {
    'transformers, encoder and decoder': (key) => `model.${key}`,
    'transformers, the encoder alone': (key) => key.replace('encoder.', ''),
    OpenAI: openai,
  };
  for (const [name, rename] of Object.entries(keys)) {
    const more = { 'model.decoder.x': [3], 'decoder.y': [3], 'proj_out.weight': [3, 3] };
    const file = putWeights(join(fresh(), 'whisper.bin'), 'whisper', { rename, more });
    const { hidden } = await runPart(await listening(file), 'listen', listen);
    t.same(hidden!.dims, listen.shape);
    const error = differs(hidden, listen);
    t.ok(error < 1e-5, `${name}: differs by ${error}`);
  }
  const error = differs((await runPart(await listening(whisper, true), 'listen', listen))['hidden'], listen);
  t.ok(error > 1e-5 && error < 0.02, `float16 differs by ${error}`);
  const strange = putWeights(join(fresh(), 'other.bin'), 'whisper', {
    more: { 'encoder.adapter.weight': [4, 4] },
  });
  await t.rejects(listening(strange), { code: 'stream/format', message: /besides: encoder.adapter.weight/ });
});

t.test('an encoder is imported as one', async (t) => {
  const folder = fresh();
  await importModel(whisper, { name: 'ears', folder, licence: 'MIT' });
  t.match(await readEncoder('ears', [folder]), {
    family: 'whisper',
    licence: 'MIT',
    inputs: { mel: [80, 'any'] },
    outputs: { hidden: ['any', 3, 128] },
  });
});

t.test('a folder laid out as LiveTalking gives the model and its ears', async (t) => {
  const [from, folder] = [fresh(), fresh()];
  await t.rejects(importModels(from, { name: 'muse', folder }), {
    code: 'resource/not-found',
    message: /no UNet of a MuseTalk in .*: looked for musetalkV15\/unet.pth/,
  });
  mkdirSync(join(from, 'models', 'musetalkV15'), { recursive: true });
  putWeights(join(from, 'models', 'musetalkV15', 'unet.pth'), 'unet');
  await t.rejects(importModels(from, { name: 'muse', folder }), { message: /no autoencoder of a MuseTalk/ });
  mkdirSync(join(from, 'models', 'sd-vae'));
  putWeights(join(from, 'models', 'sd-vae', 'diffusion_pytorch_model.bin'), 'vae', { rename: aged });
  const alone = await importModels(from, { name: 'muse', folder, fp16: true });
  t.same(
    alone.map(({ name }) => name),
    ['muse'],
  );
  mkdirSync(join(from, 'models', 'whisper'));
  putWeights(join(from, 'models', 'whisper', 'pytorch_model.bin'), 'whisper');
  const both = await importModels(join(from, 'models'), { name: 'muse', folder, replace: true });
  t.same(
    both.map(({ name, title }) => [name, title]),
    [
      ['muse', 'MuseTalk'],
      ['whisper', 'Whisper encoder (128 wide)'],
    ],
  );
  const again = await importModels(from, { name: 'other', folder });
  t.same(
    again.map(({ name }) => name),
    ['other'],
    'ears that are there stay',
  );
  t.notOk(existsSync(join(folder, 'whisper', 'latents.onnx')));
});
