/**
 * The allow-list for torch checkpoints: ordered dictionaries, tensors, parameters, storages. Names as of torch 0.4
 * to 2.x.
 */
import { DTYPES, type DType } from '../dtype.js';
import type { Extent } from '../file.js';
import { type Tensor, wrongTensor } from '../tensor.js';
import { PickleError } from './cursor.js';
import { buildNumpy, NUMPY_NAMES } from './numpy.js';
import { type Allowed, Constructor, Made, Tuple, type Value } from './values.js';

/** Names of the kinds of `Made`. */
export const TENSOR = 'a tensor';
const STORAGE = 'a storage';
const OTHER = 'a torch object';

/** A block of numbers that tensors share; where it lies is found out behind the pickle. */
export interface Storage {
  readonly key: string;
  readonly dtype: DType;
  /** How many numbers. */
  readonly count: number;
  /** For a view in an old file: the first number of the block. */
  readonly from: number;
  readonly extent: () => Extent;
}

const STORAGES: Readonly<Record<string, DType>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  UntypedStorage: 'uint8',
};

/** @param locate where the block of a key lies, asked when a tensor is read */
export function torchNames(locate: (storage: Omit<Storage, 'extent'>) => Extent): Allowed & {
  /** Blocks by key, in the order in which they were named. */
  readonly storages: ReadonlyMap<string, Storage>;
} {
  const storages = new Map<string, Storage>();
  const names = new Map<string, Constructor>();
  const add = (name: string, call: (args: readonly Value[]) => Value) =>
    names.set(name, new Constructor(name, call));

  add('collections.OrderedDict', ordered);
  add('torch._utils._rebuild_tensor', tensor);
  add('torch._utils._rebuild_tensor_v2', tensor);
  add('torch._utils._rebuild_parameter', ([data]) => known(data, TENSOR));
  add('torch.Size', ([dims]) => (dims instanceof Tuple ? dims : new Tuple([])));
  add('collections.Counter', ([counts]) => (counts instanceof Map ? counts : new Map()));
  add('torch.device', () => new Made(OTHER, 'device'));
  add('torch.serialization._get_layout', () => new Made(OTHER, 'layout'));
  for (const module of ['torch', 'torch.cuda', 'torch.storage']) {
    for (const [name, dtype] of Object.entries(STORAGES)) {
      names.set(`${module}.${name}`, new StorageType(`${module}.${name}`, dtype));
    }
  }

  return {
    storages,
    find: (module, name) => names.get(`${module}.${name}`) ?? NUMPY_NAMES.get(`${module}.${name}`),
    build: buildNumpy,
    persistent: (id) => {
      const storage = readStorage(id, locate);
      const before = storages.get(storage.key);
      if (before === undefined) storages.set(storage.key, storage);
      else if (DTYPES[before.dtype] !== DTYPES[storage.dtype]) {
        throw new PickleError(`the block ${storage.key} is said to be ${before.dtype} and ${storage.dtype}`);
      }
      return new Made(STORAGE, storage);
    },
  };
}

/** Storage types are named, never called. */
class StorageType extends Constructor {
  readonly dtype: DType;

  constructor(name: string, dtype: DType) {
    super(name, () => {
      throw new PickleError(`it calls ${name}`);
    });
    this.dtype = dtype;
  }
}

function ordered(args: readonly Value[]): Value {
  const map = new Map<Value, Value>();
  const [items] = args;
  if (args.length === 0) return map;
  if (args.length > 1 || !Array.isArray(items)) throw new PickleError('an OrderedDict of what is no list');
  for (const item of items) {
    const pair = item instanceof Tuple ? item.items : item;
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new PickleError('an OrderedDict of what are no pairs');
    map.set(pair[0] ?? null, pair[1] ?? null);
  }
  return map;
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)`. */
function tensor([from, offset, size, stride]: readonly Value[]): Value {
  const storage = (known(from ?? null, STORAGE) as Made<Storage>).value;
  const numbers = { shape: integers(size), stride: integers(stride), offset: integer(offset) };
  const wrong = wrongTensor({ ...numbers, dtype: storage.dtype }, storage.count);
  if (wrong !== undefined) throw new PickleError(`a tensor ${wrong}`);
  const made: Tensor = {
    ...numbers,
    offset: numbers.offset + storage.from,
    dtype: storage.dtype,
    data: storage.extent,
  };
  return new Made(TENSOR, made);
}

/** `('storage', type, key, location, count[, view])`; a view is `(key, first, count)` into another block. */
function readStorage(id: Value, locate: (storage: Omit<Storage, 'extent'>) => Extent): Storage {
  const items = id instanceof Tuple ? id.items : [];
  const [word, type, key, , size, view] = items;
  if (word !== 'storage' || typeof key !== 'string')
    throw new PickleError('a persistent id that is no storage');
  if (!(type instanceof StorageType)) {
    throw new PickleError(`the block ${key.slice(0, 40)} has no type of storage`);
  }
  const { dtype } = type;
  const whole = integer(size);
  const [, from, count] = view instanceof Tuple ? [0, ...view.items.slice(1).map(integer)] : [0, 0, whole];
  if (from === undefined || count === undefined || from < 0 || count < 0 || from + count > whole) {
    throw new PickleError(`the block ${key.slice(0, 40)} is a view that it does not contain`);
  }
  const storage = { key, dtype, count, from };
  return { ...storage, extent: () => locate(storage) };
}

function known(value: Value | undefined, kind: string): Made {
  if (value instanceof Made && value.kind === kind) return value;
  throw new PickleError(`${kind} is expected and something else is given`);
}

function integers(value: Value | undefined): number[] {
  const items = value instanceof Tuple ? value.items : value;
  if (!Array.isArray(items)) throw new PickleError('a shape that is no tuple');
  return items.map(integer);
}

function integer(value: Value | undefined): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new PickleError('a size that is no integer');
  return value;
}
