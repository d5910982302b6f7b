/**
 * Models larger than one protobuf message: the bytes of their weights lie one behind the other in a second file, and the
 * model says of each where (ONNX, "External Data").
 */
import { basename } from 'node:path';
import type { Extent } from '../file.js';
import { type Away, bytesOf, type Constant, encodeModel, type Model } from './model.js';
import type { Piece } from './protobuf.js';
import { type Written, writePart } from './write.js';

/** Bytes of weights from which on they get a file of their own. Readers hold a message twice, a file they can map. */
const ONE_FILE = 2 ** 30;
/** Constants of fewer bytes stay in the model. */
const SMALL = 1024;
/** Weights begin at a multiple of this, a page, so that they can be mapped. */
const PAGE = 4096;

/** A model's files. */
export interface WrittenModel extends Written {
  /** The second file, beside the first, where there is one. */
  readonly weights?: Written & { readonly file: string };
}

/**
 * Writes a model, its weights one by one.
 * @param most bytes of weights that stay in the model's own file
 * @throws TalkError resource/no-space, resource/write
 */
export async function writeModel(path: string, model: Model, most = ONE_FILE): Promise<WrittenModel> {
  const total = model.constants.reduce((sum, one) => sum + bytesOf(one), 0);
  if (total <= most) return writePart(path, encodeModel(model));
  const large = model.constants.filter((one) => bytesOf(one) >= SMALL);
  const file = `${path}.data`;
  const extents = layOut(large);
  const away = new Map(
    large.map((one, i): [string, Away] => [one.name, { location: basename(file), at: extents[i]?.at ?? 0 }]),
  );
  const written = await writePart(path, encodeModel(model, away));
  const pieces = large.flatMap((one, i): Piece[] => {
    const { at, bytes } = extents[i] as Extent;
    const end = extents[i + 1]?.at ?? at + bytes;
    return [{ byteLength: bytes, make: one.make }, new Uint8Array(end - at - bytes)];
  });
  return { ...written, weights: { file: basename(file), ...(await writePart(file, pieces)) } };
}

function layOut(constants: readonly Constant[]): Extent[] {
  let at = 0;
  return constants.map((one) => {
    const extent = { at, bytes: bytesOf(one) };
    at = PAGE * Math.ceil((at + extent.bytes) / PAGE);
    return extent;
  });
}
