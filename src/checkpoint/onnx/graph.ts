import { toHalves } from '../../inference/half.js';
import type { Attribute, Constant, ElementType, Node, Port } from './model.js';

/** A value inside the graph: its name and its shape without the batch. */
export interface Flow {
  readonly name: string;
  /** Channels, height, width. */
  readonly shape: readonly [number, number, number];
}

/** A row of vectors inside the graph. */
export interface Tokens {
  readonly name: string;
  /** How many vectors, -1 where that is known only when it runs; numbers of each. */
  readonly shape: readonly [number, number];
}

/** Grows the nodes and constants of a model; names are given by numbers in order. */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  readonly inputs: Port[] = [];
  readonly outputs: Port[] = [];
  readonly #shared = new Set<string>();
  /** What the net computes in between its ends. */
  readonly precision: 'float32' | 'float16';

  constructor(precision: 'float32' | 'float16' = 'float32') {
    this.precision = precision;
  }

  /** Adds a node and answers the name of what it gives. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const output = `${op.toLowerCase()}_${this.nodes.length}`;
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }

  /** The same under a name of one's own, for outputs. */
  named(
    output: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ) {
    this.nodes.push({ op, inputs, output, attributes });
  }

  /** Adds weights, in the precision of the net; they are made when the file is written. */
  weights(name: string, shape: readonly number[], make: () => Promise<Float32Array>): string {
    const { precision } = this;
    this.constants.push({
      name,
      type: precision,
      shape,
      make: async () => inPrecision(precision, name, await make()),
    });
    return name;
  }

  /** Adds a constant of given values, float32. */
  floats(name: string, shape: readonly number[], values: Float32Array): string {
    return this.#constant(name, 'float32', shape, values);
  }

  /** The constant of that name, of few numbers, in the precision of the net or as `type`; one for all who ask. */
  once(name: string, shape: readonly number[], values: readonly number[], type = this.precision): string {
    if (this.#shared.has(name)) return name;
    this.#shared.add(name);
    const floats = Float32Array.from(values);
    return type === 'float32'
      ? this.floats(name, shape, floats)
      : this.weights(name, shape, async () => floats);
  }

  /** Gives the numbers of a dimension another shape: 0 keeps one, -1 takes what is left. */
  reshape(x: string, ...dims: readonly number[]): string {
    return this.node('Reshape', [x, this.shared(dims)]);
  }

  /** The constant of these integers, one for all who ask. */
  shared(values: readonly number[]): string {
    const name = `ints_${values.join('_')}`;
    if (this.#shared.has(name)) return name;
    this.#shared.add(name);
    return this.integers(name, values);
  }

  /** Adds integers, one dimension. */
  integers(name: string, values: readonly number[]): string {
    return this.#constant(name, 'int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  #constant(
    name: string,
    type: ElementType,
    shape: readonly number[],
    values: Float32Array | BigInt64Array,
  ): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.constants.push({ name, type, shape, make: async () => bytes });
    return name;
  }
}

function inPrecision(precision: 'float32' | 'float16', name: string, floats: Float32Array): Uint8Array {
  const broken = floats.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) throw new RangeError(`${name} holds ${floats[broken]} at ${broken}, which is no weight.`);
  if (precision === 'float32') return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  const halves = toHalves(floats);
  const large = halves.findIndex((half) => (half & 0x7fff) === 0x7c00);
  if (large >= 0)
    throw new RangeError(`${name} holds ${floats[large]}, too large for float16; leave --fp16 out.`);
  return new Uint8Array(halves.buffer);
}
