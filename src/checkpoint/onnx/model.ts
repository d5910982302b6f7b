/**
 * An ONNX model as protobuf (onnx.proto3; the field numbers are its).
 */
import { float, int, lengthOf, message, type Part, text } from './protobuf.js';

/** Element types by their numbers in TensorProto. */
const TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10 } as const;
export type ElementType = keyof typeof TYPES;
/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int32: 4,
  int64: 8,
  float16: 2,
};

/** Largest protobuf message: its readers count in signed 32 bits. */
const MOST = 2 ** 31 - 1;
const IR_VERSION = 8;
/** The last set in which ReduceMean and ReduceMax take their axes as attributes. */
const OPSET = 17;

export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A constant; `make` gives its elements, little-endian, when they are written. */
export interface Constant {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  make(): Promise<Uint8Array>;
}

/** An input or output; `shape` without the batch, which is any number, as is a dimension that has a name. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** A constant whose bytes lie in another file. */
export interface Away {
  /** Name of that file, in the folder of the model. */
  readonly location: string;
  /** First byte. */
  readonly at: number;
}

export interface Model {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly constants: readonly Constant[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes of a constant's elements. */
export function bytesOf({ type, shape }: Pick<Constant, 'type' | 'shape'>): number {
  return shape.reduce((product, dim) => product * dim, ELEMENT_BYTES[type]);
}

/**
 * The model as it stands in a file.
 * @param away where the bytes of constants are, by name, that are not in it
 * @throws RangeError when one file cannot hold it
 */
export function encodeModel(
  { name, nodes, constants, inputs, outputs, metadata }: Model,
  away: ReadonlyMap<string, Away> = new Map(),
): Part {
  const graph = [
    ...nodes.flatMap((one) => message(1, node(one))),
    ...text(2, name),
    ...constants.flatMap((one) => message(5, constant(one, away.get(one.name)))),
    ...inputs.flatMap((one) => message(11, port(one))),
    ...outputs.flatMap((one) => message(12, port(one))),
  ];
  const model = [
    ...int(1, IR_VERSION),
    ...text(2, 'talkgraph'),
    ...message(7, graph),
    ...message(8, [...text(1, ''), ...int(2, OPSET)]),
    ...Object.entries(metadata).flatMap(([key, value]) => message(14, [...text(1, key), ...text(2, value)])),
  ];
  const bytes = lengthOf(model);
  if (bytes > MOST) throw new RangeError(`The model has ${bytes} bytes; one ONNX file holds ${MOST}.`);
  return model;
}

function node({ op, inputs, output, attributes = {} }: Node): Part {
  return [
    ...inputs.flatMap((input) => text(1, input)),
    ...text(2, output),
    ...text(3, output),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, value]) =>
      message(5, [...text(1, name), ...attribute(value)]),
    ),
  ];
}

function attribute(value: Attribute): Part {
  if (typeof value === 'number') return [...int(3, value), ...int(20, 2)];
  if (typeof value === 'string') return [...text(4, value), ...int(20, 3)];
  if ('float' in value) return [...float(2, value.float), ...int(20, 1)];
  return [...value.flatMap((one) => int(8, one)), ...int(20, 7)];
}

function constant(one: Constant, away: Away | undefined): Part {
  const { name, type, shape, make } = one;
  const byteLength = bytesOf(one);
  const head = [...shape.flatMap((dim) => int(1, dim)), ...int(2, TYPES[type]), ...text(8, name)];
  if (away === undefined) return [...head, ...message(9, [{ byteLength, make }])];
  const where = { location: away.location, offset: away.at, length: byteLength };
  const entries = Object.entries(where).flatMap(([key, value]) =>
    message(13, [...text(1, key), ...text(2, String(value))]),
  );
  // data_location EXTERNAL
  return [...head, ...entries, ...int(14, 1)];
}

function port({ name, type, shape }: Port): Part {
  const dims = ['batch', ...shape]
    .map((dim) => (typeof dim === 'string' ? text(2, dim) : int(1, dim)))
    .flatMap((dim) => message(1, dim));
  return [...text(1, name), ...message(2, message(1, [...int(1, TYPES[type]), ...message(2, dims)]))];
}
