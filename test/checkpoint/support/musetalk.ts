/**
 * Checkpoints of MuseTalk's networks with made-up weights, as test/fixtures/musetalk.py makes them, and what diffusers and
 * transformers gave for them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import ort from 'onnxruntime-node';
import { PACKAGE } from '../../../src/graph/find.js';
import { noise } from './noise.js';

/** What came out of a network: every how-manieth number of it. */
export interface Expected {
  readonly shape: readonly number[];
  readonly stride: number;
  /** Base64 of float32; absent where a file beside holds them. */
  readonly values?: string;
}

export type Part = 'talk' | 'latents' | 'listen';
type Shapes = Readonly<Record<string, readonly number[]>>;

interface Content {
  readonly expected: Readonly<Record<Part, Expected>>;
  readonly gains: Readonly<Record<string, number>>;
  readonly shapes: Readonly<Record<'unet' | 'vae' | 'whisper', Shapes>>;
}

/** The small ones. */
export const SMALL = JSON.parse(
  readFileSync(join(PACKAGE, 'test', 'fixtures', 'checkpoint', 'musetalk.json'), 'utf8'),
) as Content;

/** Keys of the attention before diffusers 0.15. */
const OLD: Readonly<Record<string, string>> = {
  to_q: 'query',
  to_k: 'key',
  to_v: 'value',
  'to_out.0': 'proj_attn',
};

/** The key as diffusers wrote it before 0.15. */
export function aged(key: string): string {
  return key.replace(
    /attentions\.0\.(to_q|to_k|to_v|to_out\.0)\./,
    (_, name) => `attentions.0.${OLD[name]}.`,
  );
}

/** Shapes of the encoder of whisper-tiny: those of the small one, three times as wide, and twice as many layers. */
export function tinyWhisper(): Shapes {
  const wide = (shape: readonly number[]) => shape.map((dim) => (dim === 128 || dim === 512 ? 3 * dim : dim));
  const all = Object.entries(SMALL.shapes.whisper).flatMap(([key, shape]) => {
    const deeper = key.replace(/layers\.(\d)/, (_, layer) => `layers.${Number(layer) + 2}`);
    return [key, deeper].map((name) => [name, wide(shape)] as const);
  });
  return Object.fromEntries(all);
}

/** One whose shapes and keys differ from the reference's. */
export interface Changes {
  readonly shapes?: Shapes;
  readonly rename?: (key: string) => string | undefined;
  readonly more?: Shapes;
}

/** Writes the weights of a small network as safetensors. */
export function putWeights(
  path: string,
  net: keyof Content['shapes'],
  { rename, more, shapes = SMALL.shapes[net] }: Changes = {},
): string {
  const header: Record<string, object> = {};
  const blobs: Uint8Array[] = [];
  let at = 0;
  const add = (key: string | undefined, shape: readonly number[], floats: Float32Array) => {
    if (key === undefined) return;
    header[key] = { dtype: 'F32', shape, data_offsets: [at, at + floats.byteLength] };
    blobs.push(new Uint8Array(floats.buffer));
    at += floats.byteLength;
  };
  for (const [i, [key, shape]] of Object.entries(shapes).entries()) {
    add(rename === undefined ? key : rename(key), shape, made(key, shape, i));
  }
  for (const [key, shape] of Object.entries(more ?? {})) add(key, shape, made(key, shape, 0));
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text, ...blobs]));
  return path;
}

/** Which weights each file of `putOnnx` has. */
const HALVES = { unet: /^/, decoder: /^(decoder|post_quant_conv)\./, encoder: /^(encoder|quant_conv)\./ };

/**
 * Writes a network as torch exported it (test/fixtures/musetalk_onnx.py), NAME.onnx with its weights in NAME.bin, and answers
 * its path.
 */
export function putOnnx(folder: string, name: keyof typeof HALVES): string {
  const packed = join(PACKAGE, 'test', 'fixtures', 'checkpoint', `musetalk-${name}.onnx.gz`);
  writeFileSync(join(folder, `${name}.onnx`), gunzipSync(readFileSync(packed)));
  const shapes = Object.entries(SMALL.shapes[name === 'unet' ? 'unet' : 'vae']);
  const weights = shapes.flatMap(([key, shape], i) =>
    HALVES[name].test(key) ? [new Uint8Array(made(key, shape, i).buffer)] : [],
  );
  writeFileSync(join(folder, `${name}.bin`), Buffer.concat(weights));
  return join(folder, `${name}.onnx`);
}

function made(key: string, shape: readonly number[], number: number): Float32Array {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const fan = shape.slice(1).reduce((product, dim) => product * dim, 1);
  const limit = (SMALL.gains[key] ?? 1) * Math.sqrt(3 / fan);
  return Float32Array.from(noise(count, 1 + ((number * 131) % 65521)), (n) => {
    const unit = n / 32768 - 1;
    if (shape.length > 1) return unit * limit;
    return key.endsWith('weight') ? 1 + 0.3 * unit : 0.1 * unit;
  });
}

/** What the networks are given for their reference, and the name of what they answer. */
export function inputsFor(
  part: Part,
  { shape }: Expected,
): { feeds: Record<string, ort.Tensor>; output: string } {
  const batch = shape[0] ?? 1;
  const floats = (dims: readonly number[], seed: number, size: number) => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const values = Float32Array.from(noise(count, seed), (n) => ((n / 65537) * 2 - 1) * size);
    return new ort.Tensor('float32', values, [...dims]);
  };
  if (part === 'talk') {
    const feeds = { latent: floats([batch, 8, 32, 32], 7, 2), audio: floats([batch, 50, 384], 11, 2) };
    return { feeds, output: 'out' };
  }
  if (part === 'listen') {
    const frames = 2 * (shape[1] ?? 0);
    return { feeds: { mel: floats([batch, 80, frames], 13, 1) }, output: 'hidden' };
  }
  const face = Uint8Array.from(noise(batch * 256 * 256 * 3, 7), (n) => n % 256);
  return { feeds: { face: new ort.Tensor('uint8', face, [batch, 256, 256, 3]) }, output: 'latent' };
}

/** Runs a file on what its reference was given. */
export async function runPart(
  file: string,
  part: Part,
  expected: Expected,
  outputs: readonly string[] = [inputsFor(part, expected).output],
): Promise<ort.InferenceSession.OnnxValueMapType> {
  const session = await ort.InferenceSession.create(file, {
    logSeverityLevel: 3,
    // Several would turn while they wait for each other.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  try {
    return await session.run(inputsFor(part, expected).feeds, [...outputs]);
  } finally {
    await session.release();
  }
}

/** The largest difference to what the reference gave. */
export function differs(out: ort.OnnxValue | undefined, expected: Expected, folder = '', part = ''): number {
  const bytes =
    expected.values === undefined
      ? readFileSync(join(folder, `${part}.f32`))
      : Buffer.from(expected.values, 'base64');
  const want = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const found = out?.data as Float32Array;
  if (found.length !== expected.shape.reduce((product, dim) => product * dim, 1)) return Number.NaN;
  return want.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (found[i * expected.stride] ?? Number.NaN))),
    0,
  );
}
