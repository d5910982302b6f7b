import ort from 'onnxruntime-node';
import { floatToHalf, toFloats, toHalves } from './half.js';
import type { Net } from './net.js';
import { type Numbers, numbersIn } from './protocol.js';

/** Types of elements that go in and out. */
export type PortType = 'float32' | 'float16' | 'uint8';

/** An input or output of a file that serves a manifest. */
export interface Port {
  /** Our name. */
  readonly name: string;
  /** The file's. */
  readonly own: string;
  readonly type: PortType;
  /** Of one row, without the batch dimension. */
  readonly shape: readonly number[];
}

/**
 * The inputs or outputs of a file that a manifest speaks of.
 * @param names those that are wanted
 * @throws Error when the file does not have them so; a wrong shape would otherwise fail at the first frame
 */
export function findPorts(
  kind: 'input' | 'output',
  session: ort.InferenceSession,
  manifest: Pick<Net, 'inputs' | 'outputs' | 'names'>,
  names: readonly string[],
): Port[] {
  const all = kind === 'input' ? session.inputMetadata : session.outputMetadata;
  const shapes = kind === 'input' ? manifest.inputs : manifest.outputs;
  return names.map((name) => {
    const own = manifest.names?.[name] ?? name;
    const shape = shapes[name] ?? [];
    const found = all.find((value) => value.name === own);
    if (found === undefined)
      throw new Error(`the file has no ${kind} ${own} (${all.map((value) => value.name).join(', ')})`);
    if (!found.isTensor) throw new Error(`the ${kind} ${own} is no tensor`);
    const rest = found.shape.slice(1);
    if (rest.length !== shape.length || rest.some((dim, i) => typeof dim === 'number' && dim !== shape[i])) {
      throw new Error(
        `the ${kind} ${own} is [${rest.join()}] in the file, the manifest says [${shape.join()}]`,
      );
    }
    const { type } = found;
    if (type !== 'float32' && type !== 'float16' && type !== 'uint8') {
      throw new Error(`the ${kind} ${own} is of type ${type}, not float32, float16 or uint8`);
    }
    return { name, own, type, shape };
  });
}

/**
 * A tensor of float16, told by their bits.
 *
 * Where JavaScript has a Float16Array (Node 24), onnxruntime-common makes one of the bits, and the addon below it finds
 * no numbers in that.
 */
export function halfTensor(bits: Uint16Array, dims: readonly number[]): ort.Tensor {
  const tensor = new ort.Tensor('float16', bits, dims);
  return Object.defineProperty(tensor, 'data', { value: bits });
}

/** The bits of what a tensor of float16 holds, on any Node. */
function bitsOf({ buffer, byteOffset, length }: Uint16Array): Uint16Array {
  return new Uint16Array(buffer, byteOffset, length);
}

/** Arrays that a constant may be of, by the type of their elements. */
const FILLED = {
  float16: (length: number, value: number) => new Uint16Array(length).fill(floatToHalf(value)),
  float32: (length: number, value: number) => new Float32Array(length).fill(value),
  int32: (length: number, value: number) => new Int32Array(length).fill(value),
  int64: (length: number, value: number) => new BigInt64Array(length).fill(BigInt(value)),
} as const;

/**
 * Inputs of a file that are the same for every run, under the file's own names.
 * @throws Error when the file has no such input, or leaves its shape open
 */
export function constantTensors(
  session: ort.InferenceSession,
  { constants = {} }: Pick<Net, 'constants'>,
): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(constants).map(([name, value]) => {
      const found = session.inputMetadata.find((one) => one.name === name);
      if (found === undefined || !found.isTensor)
        throw new Error(`the file has no input ${name} to be filled`);
      const { type, shape } = found;
      if (!(type in FILLED)) throw new Error(`the input ${name} is of type ${type}, which no constant fills`);
      const dims = shape.map((dim) => {
        if (typeof dim === 'number') return dim;
        throw new Error(`the input ${name} is [${shape.join()}]; a constant needs a shape that is known`);
      });
      const data = FILLED[type as keyof typeof FILLED](numbersIn(dims), value);
      if (data instanceof Uint16Array) return [name, halfTensor(data, dims)];
      return [name, new ort.Tensor(type as 'float32', data as never, dims)];
    }),
  );
}

/** Numbers as the file wants them. @throws TypeError when it wants bytes and gets floats, or the other way round */
export function toTensor({ own, type }: Port, numbers: Numbers, dims: readonly number[]): ort.Tensor {
  if (type === 'float16') return halfTensor(toHalves(numbers), dims);
  if ((type === 'uint8') !== numbers instanceof Uint8Array) {
    throw new TypeError(`the input ${own} is of type ${type}, the manifest says otherwise`);
  }
  return numbers instanceof Uint8Array
    ? new ort.Tensor('uint8', numbers, dims)
    : new ort.Tensor('float32', numbers, dims);
}

/** What the file gave, as numbers. */
export function fromTensor({ own }: Port, value: ort.OnnxValue | undefined): Numbers {
  const { type, data } = value ?? {};
  if (type === 'float16') return toFloats(bitsOf(data as Uint16Array));
  if (type === 'float32' || type === 'uint8') return data as Numbers;
  throw new Error(`the output ${own} is of type ${type}`);
}
