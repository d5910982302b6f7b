/**
 * Which family an ONNX file belongs to that somebody else exported, told by what it takes and gives.
 */
import type { Declared, DeclaredPort, Features } from '../../inference/index.js';
import { findKind } from '../networks/ultralight.js';

/** What is found out about a file. */
export interface Contract {
  readonly family: 'wav2lip' | 'ultralight';
  readonly features: Features;
  readonly size: number;
  readonly windowOffsetMs: number;
  readonly pixels: 'floats' | 'bytes';
  /** 1 where the file is made for one row. */
  readonly batch: 1 | undefined;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Our names to the file's, where they differ. */
  readonly names: Readonly<Record<string, string>>;
}

/** What a caller may say where the file is silent. */
export interface ContractOptions {
  readonly size?: number;
  readonly features?: string;
}

const NUMBERS = ['float32', 'float16'];

/**
 * Tells the family of a file. @throws RangeError naming what was found and what would be right
 */
export function contractOf(declared: Declared, options: ContractOptions = {}): Contract {
  const { inputs, outputs } = declared;
  const bytes = inputs.find(({ shape, type }) => type === 'uint8' && shape.length === 4 && shape[3] === 3);
  const face = bytes ?? inputs.find((port) => isPlanes(port, 6));
  const heard = inputs.find(
    (port) => port !== face && port.shape.length === 4 && NUMBERS.includes(port.type),
  );
  const out = outputs.find((port) => isPlanes(port, 3));
  if (face === undefined || heard === undefined || out === undefined || inputs.length !== 2) {
    throw new RangeError(unknown(declared));
  }
  const size = sideOf(face, options.size, bytes === undefined ? 2 : 1);
  if (sideOf(out, size, 2) !== size)
    throw new RangeError(`The crop has ${size} pixels, the picture ${shapeOf(out)}.`);
  const kind = kindOf(heard, options);
  const ours = kind.family === 'wav2lip' ? 'mel' : 'audio';
  const picture = bytes === undefined ? undefined : outputs.find(({ type }) => type === 'uint8');
  if (bytes !== undefined && picture === undefined) throw new RangeError(unknown(declared));
  const called = {
    [ours]: heard.name,
    face: face.name,
    out: out.name,
    ...(picture && { rgb: picture.name }),
  };
  return {
    ...kind,
    size,
    pixels: bytes === undefined ? 'floats' : 'bytes',
    batch: batchOf([face, heard, out]),
    inputs: { [ours]: kind.shape, face: bytes === undefined ? [6, size, size] : [size, size, 3] },
    outputs: { out: [3, size, size], ...(picture && { rgb: [size, size, 3] }) },
    names: Object.fromEntries(Object.entries(called).filter(([name, own]) => name !== own)),
  };
}

/** `[batch, channels, side, side]` of floats; what the file leaves open fits. */
function isPlanes({ shape, type }: DeclaredPort, channels: number): boolean {
  return shape.length === 4 && NUMBERS.includes(type) && shape[1] === channels;
}

function sideOf(port: DeclaredPort, said: number | undefined, at: 1 | 2): number {
  const [height, width] = [port.shape[at], port.shape[at + 1]];
  const side = typeof height === 'number' ? height : typeof width === 'number' ? width : said;
  if (side === undefined) throw new RangeError(`The file takes crops of any size; say which with --size.`);
  if ([height, width, said].some((one) => typeof one === 'number' && one !== side)) {
    throw new RangeError(`${port.name} is ${shapeOf(port)}, not a square of ${said ?? side} pixels.`);
  }
  return side;
}

type Kind = Pick<Contract, 'family' | 'features' | 'windowOffsetMs'> & { readonly shape: readonly number[] };

function kindOf(heard: DeclaredPort, { features }: ContractOptions): Kind {
  const shape = heard.shape.slice(1);
  const fits = (want: readonly number[]) =>
    want.every((n, i) => shape[i] === n || typeof shape[i] !== 'number');
  const mel = [1, 80, 16];
  if (fits(mel)) return { family: 'wav2lip', features: 'mel', windowOffsetMs: 0, shape: mel };
  const [vectors, height, width] = shape;
  if (typeof vectors === 'number' && typeof height === 'number' && typeof width === 'number') {
    const found = findKind(vectors, features, [height, width]);
    if (found !== undefined) return { family: 'ultralight', ...found, shape: [vectors, height, width] };
  }
  throw new RangeError(
    `${heard.name} is ${shapeOf(heard)}; mel windows are [batch,1,80,16], hubert ones [batch,16,32,32].`,
  );
}

function batchOf(ports: readonly DeclaredPort[]): 1 | undefined {
  const fixed = ports.map(({ shape }) => shape[0]).find((one) => typeof one === 'number');
  if (fixed === undefined) return undefined;
  if (fixed === 1) return 1;
  throw new RangeError(
    `The file takes exactly ${fixed} rows at a time; export it with one, or with any number.`,
  );
}

function shapeOf({ shape, type }: DeclaredPort): string {
  return `${type} [${shape.map((dim) => (typeof dim === 'number' ? dim : dim || 'any')).join()}]`;
}

function unknown({ inputs, outputs }: Declared): string {
  const list = (ports: readonly DeclaredPort[]) =>
    ports.map((port) => `${port.name} ${shapeOf(port)}`).join('; ');
  return (
    `This is no lip-sync model that is known. It takes ${list(inputs)} and gives ${list(outputs)}; expected are a window ` +
    '[batch,1,80,16] and a face [batch,6,S,S], giving [batch,3,S,S]. docs/models.md says how to export one.'
  );
}
