/**
 * Files that Python wrote beside its weights: pickles of numbers in lists, and lists of tensors.
 */
import { damaged, LazyFile } from './file.js';
import { checkPickleSize, runPickle } from './formats/pickles.js';
import { isTorchLegacy, readTorchLegacy } from './formats/torch-legacy.js';
import { readTorchZip } from './formats/torch-zip.js';
import { ARRAY, type NumpyArray } from './pickle/numpy.js';
import { TENSOR } from './pickle/torch.js';
import { Made, Tuple, type Value } from './pickle/values.js';
import { readFloats, type Tensor } from './tensor.js';

/**
 * A pickle that holds a list of rows of numbers, such as boxes: rows may be lists, tuples or arrays of numpy, numbers
 * Python's or numpy's.
 *
 * @param each how many numbers a row has
 * @throws TalkError resource/not-found; stream/wrong-type for one that calls for more than that, stream/format
 */
export async function readRows(path: string, each: number): Promise<number[][]> {
  const file = await LazyFile.open(path);
  try {
    checkPickleSize(file, file.size);
    const bytes = await file.read({ at: 0, bytes: file.size });
    const { value } = runPickle(file, bytes, 0, () => ({ at: 0, bytes: 0 }));
    return listOf(value, path).map((row, n) => {
      const numbers = numbersOf(row);
      if (numbers?.length === each) return numbers;
      throw damaged(path, `row ${n} of its list is not ${each} numbers.`);
    });
  } finally {
    await file.close();
  }
}

/** A list of tensors of equal shape in a file of torch; they stay in it until they are asked for. */
export class TensorList {
  readonly path: string;
  readonly count: number;
  /** Shape of each. */
  readonly shape: readonly number[];
  readonly #file: LazyFile;
  readonly #tensors: readonly Tensor[];

  private constructor(file: LazyFile, tensors: readonly Tensor[]) {
    this.path = file.path;
    this.#file = file;
    this.#tensors = tensors;
    this.count = tensors.length;
    this.shape = tensors[0]?.shape ?? [];
  }

  /** @throws as `readRows` */
  static async open(path: string): Promise<TensorList> {
    const file = await LazyFile.open(path);
    try {
      const head = await file.read({ at: 0, bytes: Math.min(file.size, 16) });
      const value = await (isTorchLegacy(head) ? readTorchLegacy : readTorchZip)(file);
      const tensors = listOf(value, path).map((one, n) => {
        if (one instanceof Made && one.kind === TENSOR) return one.value as Tensor;
        throw damaged(path, `entry ${n} of its list is no tensor.`);
      });
      const [first, ...others] = tensors.map(({ shape }) => shape.join());
      const odd = others.findIndex((shape) => shape !== first);
      if (odd >= 0) {
        throw damaged(path, `tensor ${odd + 1} has the shape [${others[odd]}], the first [${first}].`);
      }
      return new TensorList(file, tensors);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The numbers of one. @throws TalkError stream/format */
  async floats(n: number): Promise<Float32Array<ArrayBuffer>> {
    const tensor = this.#tensors[n];
    if (tensor === undefined) throw new TypeError(`Expected a number below ${this.count} but received ${n}.`);
    return readFloats(this.#file, `tensor ${n}`, tensor);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function listOf(value: Value, path: string): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Tuple) return value.items;
  const array = arrayOf(value);
  if (array?.shape.length === 2) {
    const [count = 0, each = 0] = array.shape;
    return Array.from({ length: count }, (_, n) => array.values.slice(n * each, (n + 1) * each));
  }
  throw damaged(path, 'it holds no list.');
}

function numbersOf(row: Value): number[] | undefined {
  const items = Array.isArray(row) ? row : row instanceof Tuple ? row.items : (arrayOf(row)?.values ?? []);
  const numbers = items.map((one) => (typeof one === 'bigint' ? Number(one) : one));
  return numbers.every((one) => typeof one === 'number' && Number.isFinite(one))
    ? (numbers as number[])
    : undefined;
}

function arrayOf(value: Value): NumpyArray | undefined {
  return value instanceof Made && value.kind === ARRAY ? (value.value as NumpyArray) : undefined;
}
