/**
 * Makes `models/lab-flash/lab-flash.onnx`: a "lip-sync model" that paints the patch white exactly for the video frames
 * whose own 40 ms of sound are loud, and leaves the face as it is for all others.
 *
 *     node dist/test/graph/support/lab-flash.js models/lab-flash/lab-flash.onnx
 *
 * Why two columns: mel column k of a window that starts at t - 80 ms is centred on t - 80 + 12.5 k - d ms, where d is
 * 0, 2.5, 5, 7.5 or 10 (25 frames do not divide 80 columns), and it hears 25 ms to either side. Column 7 ends at
 * t + 32.5 ms at the latest, so it never hears the next frame; column 10 begins at t + 10 ms at the earliest, so it never
 * hears the one before. Sound that begins and ends on frame boundaries is in both for its own frames and in no others.
 *
 * The file is a protobuf of six nodes, so it is written by hand here: no ONNX library is needed to make it.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Side of the patch in pixels. */
export const SIZE = 32;
/** Columns of the window that hear this frame but not the next, and this one but not the one before. */
const COLUMNS = [7, 10];
/** Loud is any band above this; -4 is silence, a tone at half of full scale is above 0. */
const LOUD = -1.5;

const FLOAT = 1;
const INT64 = 7;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

/** A protobuf field: a number as a varint, text and bytes with their length. */
function field(tag: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Uint8Array.from([...varint(tag * 8), ...varint(value)]);
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return join([Uint8Array.from([...varint(tag * 8 + 2), ...varint(bytes.length)]), bytes]);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

type Attributes = Readonly<Record<string, number | readonly number[]>>;

function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): Uint8Array {
  return field(
    1,
    join([
      ...inputs.map((name) => field(1, name)),
      field(2, output),
      field(3, output),
      field(4, op),
      ...Object.entries(attributes).map(([name, value]) =>
        field(
          5,
          typeof value === 'number'
            ? join([field(1, name), field(3, value), field(20, 2)])
            : join([field(1, name), ...value.map((one) => field(8, one)), field(20, 7)]),
        ),
      ),
    ]),
  );
}

function constant(name: string, type: number, dims: readonly number[], data: ArrayBufferView): Uint8Array {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return field(5, join([...dims.map((dim) => field(1, dim)), field(2, type), field(8, name), field(9, raw)]));
}

/** An input (11) or output (12) of floats; the first dimension is the batch. */
function value(tag: 11 | 12, name: string, dims: readonly number[]): Uint8Array {
  const shape = [field(1, field(2, 'batch')), ...dims.map((dim) => field(1, field(1, dim)))];
  const tensor = join([field(1, FLOAT), field(2, join(shape))]);
  return field(tag, join([field(1, name), field(2, field(1, tensor))]));
}

/** The bytes of the ONNX file. */
export function labFlash(): Uint8Array {
  const longs = (...values: number[]) => BigInt64Array.from(values.map(BigInt));
  const graph = join([
    node('ReduceMax', ['mel'], 'loudest', { axes: [2], keepdims: 1 }),
    node('Gather', ['loudest', 'columns'], 'own', { axis: 3 }),
    node('ReduceMin', ['own'], 'level', { axes: [3], keepdims: 1 }),
    node('Greater', ['level', 'threshold'], 'loud'),
    node('Gather', ['face', 'whole'], 'reference', { axis: 1 }),
    node('Where', ['loud', 'white', 'reference'], 'out'),
    field(2, 'lab-flash'),
    constant('columns', INT64, [COLUMNS.length], longs(...COLUMNS)),
    constant('threshold', FLOAT, [], Float32Array.of(LOUD)),
    constant('whole', INT64, [3], longs(3, 4, 5)),
    constant('white', FLOAT, [], Float32Array.of(1)),
    value(11, 'mel', [1, 80, 16]),
    value(11, 'face', [6, SIZE, SIZE]),
    value(12, 'out', [3, SIZE, SIZE]),
  ]);
  const opset = join([field(1, ''), field(2, 13)]);
  return join([field(1, 8), field(2, 'talkgraph'), field(7, graph), field(8, opset)]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(process.argv[2] ?? 'models/lab-flash/lab-flash.onnx', labFlash());
}
