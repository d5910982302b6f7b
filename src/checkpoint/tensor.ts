import { DTYPES, type DType, toFloats } from './dtype.js';
import { damaged, type Extent, type LazyFile } from './file.js';

/** Largest tensor, in numbers: 2 GB of floats, what one ONNX file can hold. */
const MOST = 2 ** 29;

/** A tensor that still lies in its file. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Steps between neighbours along each dimension, in numbers. */
  readonly stride: readonly number[];
  /** First number, counted from the start of the data. */
  readonly offset: number;
  /** Where the data lies; known once the whole file has been looked at. */
  readonly data: () => Extent;
}

/** How many numbers a shape has. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** Steps of a tensor without gaps, the last dimension first. */
export function denseStride(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) stride[i] = (stride[i + 1] ?? 1) * (shape[i + 1] ?? 1);
  return stride;
}

/** Why a tensor cannot be right; undefined when it can. `numbers` is how many its data has. */
export function wrongTensor(
  { shape, stride, offset }: Omit<Tensor, 'data'>,
  numbers: number,
): string | undefined {
  if (shape.length > 8 || stride.length !== shape.length) return `has ${shape.length} dimensions`;
  const sound = (n: number) => Number.isSafeInteger(n) && n >= 0;
  if (![...shape, ...stride, offset].every(sound)) {
    return `has the shape [${shape.join()}], steps [${stride.join()}] and offset ${offset}`;
  }
  const size = count(shape);
  if (size > MOST) return `has the shape [${shape.join()}], more than ${MOST} numbers`;
  if (size === 0) return undefined;
  const last = shape.reduce((sum, dim, i) => sum + (dim - 1) * (stride[i] ?? 0), offset);
  // A tensor that repeats its data could be made as large as one likes from a few bytes.
  if (last >= numbers || size > numbers) {
    return `of the shape [${shape.join()}] from ${offset} does not fit its ${numbers} numbers`;
  }
  return undefined;
}

/** The numbers of a tensor as floats, without gaps. @throws TalkError stream/format */
export async function readFloats(
  file: LazyFile,
  name: string,
  tensor: Tensor,
): Promise<Float32Array<ArrayBuffer>> {
  const { dtype, shape, stride, offset } = tensor;
  const { at, bytes } = tensor.data();
  const each = DTYPES[dtype];
  const wrong = wrongTensor(tensor, Math.floor(bytes / each));
  if (wrong !== undefined) throw damaged(file.path, `${name} ${wrong}.`);
  const size = count(shape);
  const dense = denseStride(shape).every((step, i) => step === stride[i] || shape[i] === 1);
  const last = size === 0 ? -1 : shape.reduce((sum, dim, i) => sum + (dim - 1) * (stride[i] ?? 0), 0);
  const span = dense ? size : last + 1;
  const floats = toFloats(dtype, await file.read({ at: at + offset * each, bytes: span * each }));
  return dense ? floats : gather(floats, shape, stride);
}

function gather(
  from: Float32Array,
  shape: readonly number[],
  stride: readonly number[],
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count(shape));
  const index = new Array<number>(shape.length).fill(0);
  let at = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = from[at] ?? 0;
    for (let d = shape.length - 1; d >= 0; d--) {
      const step = stride[d] ?? 0;
      at += step;
      index[d] = (index[d] ?? 0) + 1;
      if ((index[d] ?? 0) < (shape[d] ?? 0)) break;
      at -= step * (shape[d] ?? 0);
      index[d] = 0;
    }
  }
  return out;
}
