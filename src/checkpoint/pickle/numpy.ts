/**
 * The allow-list for numpy: numbers and arrays of numbers, as training scripts keep them beside their weights. Names as
 * of numpy 1 (`numpy.core`) and 2 (`numpy._core`).
 */
import { narrow, PickleError } from './cursor.js';
import { Constructor, Made, Tuple, type Value } from './values.js';

/** Names of the kinds of `Made`. */
export const ARRAY = 'a numpy array';
const TYPE = 'a numpy type';

/** An array of numbers, row by row. */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly values: readonly (number | bigint | boolean)[];
}

/** A type such as `<i8`. */
interface NumpyType {
  readonly kind: string;
  readonly bytes: number;
  readonly bigEndian: boolean;
}

/** Largest array, in bytes: they are boxes and losses here, not weights. */
const MOST = 16 << 20;

/** Constructors by name. */
export const NUMPY_NAMES: ReadonlyMap<string, Constructor> = new Map(
  [
    new Constructor('numpy.dtype', ([name]) => new Made(TYPE, typeOf(name))),
    new Constructor('_codecs.encode', encode),
    // What `bytes()` is when there are none.
    new Constructor('__builtin__.bytes', empty),
    new Constructor('builtins.bytes', empty),
    new Constructor('numpy.ndarray', () => {
      throw new PickleError('it calls numpy.ndarray');
    }),
    ...['numpy.core.multiarray', 'numpy._core.multiarray'].flatMap((module) => [
      new Constructor(`${module}.scalar`, scalar),
      new Constructor(`${module}._reconstruct`, () => new Made(ARRAY, { shape: [0], values: [] })),
    ]),
  ].map((one) => [one.name, one] as const),
);

/** Gives an object of numpy its state; false for what is none of numpy's. */
export function buildNumpy(target: Made, state: Value): boolean {
  const items = state instanceof Tuple ? state.items : [];
  if (target.kind === TYPE) {
    const [, order, fields] = items;
    if (fields !== null && fields !== undefined) throw new PickleError('a numpy type with fields');
    target.value = { ...(target.value as NumpyType), bigEndian: order === '>' };
    return true;
  }
  if (target.kind !== ARRAY) return false;
  const [, dims, type, fortran, bytes] = items;
  const shape = dims instanceof Tuple ? dims.items : [];
  if (!(bytes instanceof Uint8Array) || bytes.length > MOST)
    throw new PickleError('an array without its bytes');
  if (fortran === true && shape.length > 1) throw new PickleError('an array whose columns come first');
  const values = numbers(type, bytes);
  const size = shape.reduce<number>(
    (product, dim) => product * (typeof dim === 'number' ? dim : Number.NaN),
    1,
  );
  if (size !== values.length || shape.length > 8) {
    throw new PickleError(`an array whose shape is not that of its ${values.length} numbers`);
  }
  target.value = { shape: shape as number[], values } satisfies NumpyArray;
  return true;
}

function typeOf(name: Value | undefined): NumpyType {
  const [, kind = '', size = ''] = typeof name === 'string' ? (/^([biuf])([1248])$/.exec(name) ?? []) : [];
  const bytes = Number(size);
  if (kind === '' || (kind === 'b' && bytes !== 1) || (kind === 'f' && (bytes < 4 || bytes > 8))) {
    throw new PickleError(
      `a numpy type ${typeof name === 'string' ? name.slice(0, 20) : ''} that is no number`,
    );
  }
  return { kind, bytes, bigEndian: false };
}

function scalar([type, bytes]: readonly Value[]): Value {
  if (!(bytes instanceof Uint8Array)) throw new PickleError('a number without its bytes');
  const [value, more] = numbers(type, bytes);
  if (value === undefined || more !== undefined) throw new PickleError(`a number of ${bytes.length} bytes`);
  return value;
}

function numbers(type: Value | undefined, bytes: Uint8Array): (number | bigint | boolean)[] {
  if (!(type instanceof Made) || type.kind !== TYPE) throw new PickleError('numbers without a type');
  const { kind, bytes: each, bigEndian } = type.value as NumpyType;
  if (bytes.length % each !== 0) throw new PickleError(`${bytes.length} bytes of numbers of ${each}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / each }, (_, i) => read(view, i * each, kind, each, !bigEndian));
}

function read(
  view: DataView,
  at: number,
  kind: string,
  bytes: number,
  little: boolean,
): number | bigint | boolean {
  if (kind === 'b') return view.getUint8(at) !== 0;
  if (kind === 'f') return bytes === 4 ? view.getFloat32(at, little) : view.getFloat64(at, little);
  const signed = kind === 'i';
  if (bytes === 1) return signed ? view.getInt8(at) : view.getUint8(at);
  if (bytes === 2) return signed ? view.getInt16(at, little) : view.getUint16(at, little);
  if (bytes === 4) return signed ? view.getInt32(at, little) : view.getUint32(at, little);
  return narrow(signed ? view.getBigInt64(at, little) : view.getBigUint64(at, little));
}

/** Protocol 2 has no bytes: they are a text whose characters stand for them. */
function encode([text, coding]: readonly Value[]): Value {
  if (typeof text !== 'string' || coding !== 'latin1' || /[^\0-\xff]/.test(text)) {
    throw new PickleError('bytes that are no latin1 text');
  }
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

function empty(args: readonly Value[]): Value {
  if (args.length > 0) throw new PickleError('it calls bytes');
  return new Uint8Array(0);
}
