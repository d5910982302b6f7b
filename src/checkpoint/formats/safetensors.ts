/**
 * safetensors: eight bytes of length, a JSON header of names, types, shapes and offsets, then the numbers
 * (github.com/huggingface/safetensors, "Format").
 */
import { z } from 'zod';
import { DTYPES, type DType } from '../dtype.js';
import { damaged, type LazyFile } from '../file.js';
import { count, denseStride, type Tensor } from '../tensor.js';

/** A large model has some hundred kilobytes; the format itself allows 100 MB. */
const MOST_HEADER = 16 << 20;

const TYPES: Readonly<Record<string, DType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

const whole = z.number().int().nonnegative();
const entry = z.object({
  dtype: z.string(),
  shape: z.array(whole).max(8),
  data_offsets: z.tuple([whole, whole]),
});

/** True for the first bytes of such a file. */
export function isSafetensors(head: Uint8Array): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  return new DataView(head.buffer, head.byteOffset).getBigUint64(0, true) <= BigInt(MOST_HEADER);
}

/** The tensors by name; they stay in the file. @throws TalkError stream/format */
export async function readSafetensors(file: LazyFile): Promise<Map<string, Tensor>> {
  const length = Number(new DataView((await file.read({ at: 0, bytes: 8 })).buffer).getBigUint64(0, true));
  file.demand({ at: 8, bytes: length }, 'the header');
  const text = Buffer.from(await file.read({ at: 8, bytes: length })).toString('utf8');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw damaged(file.path, 'its header is no JSON.');
  }
  if (typeof header !== 'object' || header === null)
    throw damaged(file.path, 'its header is no JSON object.');
  const found = new Map<string, Tensor>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') found.set(name, tensor(file, name, value, 8 + length));
  }
  return found;
}

function tensor(file: LazyFile, name: string, value: unknown, start: number): Tensor {
  const parsed = entry.safeParse(value);
  if (!parsed.success) throw damaged(file.path, `its header describes ${name} wrongly.`);
  const {
    dtype: word,
    shape,
    data_offsets: [from, to],
  } = parsed.data;
  const dtype = Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
  if (dtype === undefined) throw damaged(file.path, `${name} is made of ${word}, which cannot be read.`);
  const bytes = count(shape) * DTYPES[dtype];
  if (to - from !== bytes) {
    throw damaged(file.path, `${name} is [${shape.join()}] and takes ${bytes} bytes, not ${to - from}.`);
  }
  const extent = { at: start + from, bytes };
  file.demand(extent, name);
  return { dtype, shape, stride: denseStride(shape), offset: 0, data: () => extent };
}
