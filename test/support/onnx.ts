/** Writes the few ONNX messages a stand-in net needs (onnx.proto3; field numbers beside each). */
type Bytes = number[] | Uint8Array;

const varint = (n: number): number[] => (n < 128 ? [n] : [(n % 128) | 128, ...varint(Math.floor(n / 128))]);
const int = (field: number, n: number): number[] => [...varint(field << 3), ...varint(n)];
const bytes = (field: number, data: Bytes): number[] => [
  ...varint((field << 3) | 2),
  ...varint(data.length),
  ...data,
];
const text = (field: number, s: string): number[] => bytes(field, Buffer.from(s));

/** A named float or int64 constant. TensorProto: dims 1, data_type 2, name 8, raw_data 9. */
export function constant(
  name: string,
  dims: number[],
  values: number[],
  type: 'float' | 'int64' = 'float',
): number[] {
  const data =
    type === 'float'
      ? new Uint8Array(Float32Array.from(values).buffer)
      : new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return [
    ...dims.flatMap((d) => int(1, d)),
    ...int(2, type === 'float' ? 1 : 7),
    ...text(8, name),
    ...bytes(9, data),
  ];
}

/** NodeProto: input 1, output 2, op_type 4, attribute 5. Attributes are ints (AttributeProto: name 1, i 3, ints 8, type 20). */
export function node(
  op: string,
  inputs: string[],
  output: string,
  attributes: Record<string, number | number[]> = {},
): number[] {
  const written = Object.entries(attributes).flatMap(([name, value]) =>
    bytes(5, [
      ...text(1, name),
      ...(Array.isArray(value) ? value.flatMap((v) => int(8, v)) : int(3, value)),
      ...int(20, Array.isArray(value) ? 7 : 2),
    ]),
  );
  return [...inputs.flatMap((name) => text(1, name)), ...text(2, output), ...text(4, op), ...written];
}

/** A tensor with every dimension said, of another type than float or without a batch. */
export interface Whole {
  readonly type: 'float' | 'int64';
  readonly dims: readonly (number | string)[];
}

/** ValueInfoProto of a float tensor whose first dimension is the batch; a dimension with a name is any number. */
function value(name: string, shape: readonly (number | string)[] | Whole): number[] {
  const whole = 'dims' in shape ? shape : { type: 'float', dims: ['batch', ...shape] };
  const dims = whole.dims
    .map((d) => (typeof d === 'number' ? int(1, d) : text(2, d)))
    .flatMap((dim) => bytes(1, dim));
  return [
    ...text(1, name),
    ...bytes(2, bytes(1, [...int(1, whole.type === 'float' ? 1 : 7), ...bytes(2, dims)])),
  ];
}

/** ModelProto: ir_version 1, graph 7, opset_import 8, metadata_props 14 (key 1, value 2). GraphProto: node 1, name 2, initializer 5, input 11, output 12. */
export function model(graph: {
  nodes: number[][];
  constants: number[][];
  inputs: Record<string, readonly (number | string)[] | Whole>;
  outputs: Record<string, readonly (number | string)[] | Whole>;
  metadata?: Readonly<Record<string, string>>;
}): Uint8Array {
  const body = [
    ...graph.nodes.flatMap((n) => bytes(1, n)),
    ...text(2, 'standin'),
    ...graph.constants.flatMap((c) => bytes(5, c)),
    ...Object.entries(graph.inputs).flatMap(([name, shape]) => bytes(11, value(name, shape))),
    ...Object.entries(graph.outputs).flatMap(([name, shape]) => bytes(12, value(name, shape))),
  ];
  const metadata = Object.entries(graph.metadata ?? {});
  return Uint8Array.from([
    ...int(1, 8),
    ...bytes(7, body),
    ...bytes(8, [...text(1, ''), ...int(2, 13)]),
    ...metadata.flatMap(([key, said]) => bytes(14, [...text(1, key), ...text(2, said)])),
  ]);
}

/**
 * A net with Wav2Lip's interface that does by hand what a lip net does by heart: it paints a dark mouth into the
 * lower half of the reference, the more the louder the mel window is; at silence it returns the reference.
 */
export function standIn(size: number): Uint8Array {
  const mouth = Array.from({ length: size * size }, (_, i) => {
    const u = ((i % size) + 0.5) / size - 0.5;
    const v = (Math.floor(i / size) + 0.5) / size - 0.68;
    return Math.min(1, Math.max(0, 3 * (1 - Math.hypot(u / 0.2, v / 0.12))));
  });
  return model({
    nodes: [
      node('Slice', ['face', 'three', 'six', 'one'], 'ref'),
      node('ReduceMean', ['mel'], 'mean', { axes: [1, 2, 3], keepdims: 1 }),
      node('Add', ['mean', 'four'], 'above'),
      node('Mul', ['above', 'eighth'], 'open'),
      node('Mul', ['open', 'mouth'], 'a'),
      node('Sub', ['dark', 'ref'], 'change'),
      node('Mul', ['a', 'change'], 'paint'),
      node('Add', ['ref', 'paint'], 'out'),
      node('Flatten', ['open'], 'params', { axis: 1 }),
    ],
    constants: [
      constant('three', [1], [3], 'int64'),
      constant('six', [1], [6], 'int64'),
      constant('one', [1], [1], 'int64'),
      constant('four', [1], [4]),
      constant('eighth', [1], [0.25]),
      constant('mouth', [1, 1, size, size], mouth),
      constant('dark', [1, 3, 1, 1], [0.08, 0.05, 0.25]),
    ],
    inputs: { mel: [1, 80, 16], face: [6, size, size] },
    outputs: { out: [3, size, size], params: [1] },
  });
}

/** The `model.yaml` that goes with `standIn`. */
export function standInManifest(size: number, sha256: string, extra = ''): string {
  return `name: standin
family: wav2lip
file: standin.onnx
sha256: ${sha256}
licence: Apache-2.0
size: ${size}
window-offset-ms: -80
inputs: { mel: [1, 80, 16], face: [6, ${size}, ${size}] }
outputs: { out: [3, ${size}, ${size}], params: [1] }
quantise: round
${extra}`;
}
