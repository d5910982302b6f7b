/**
 * YuNet, where somebody has its file: a small detector that finds faces of any size and five points of each (eyes, nose,
 * corners of the mouth). https://github.com/ShiqiYu/libfacedetection.train
 *
 * It looks at three grids of 8, 16 and 32 pixels a cell. For each cell it says whether there is a face (`cls`), whether the
 * cell is its middle (`obj`), where its middle is and how large it is (`bbox`, in cells, the size as a logarithm).
 */
import { resolve } from 'node:path';
import { TalkError } from '../element/error.js';
import { describeFile, type Net } from '../inference/index.js';
import type { Found } from './nets/detector.js';

const STRIDES = [8, 16, 32] as const;
/** Side of the picture shown to a file that takes any. */
const USUAL = 640;

/** The file as a net, and the side of the picture it takes. @throws TalkError stream/format for another net */
export async function yunet(file: string): Promise<{ net: Net; size: number }> {
  const path = resolve(file);
  const { inputs, outputs } = await describeFile(path);
  const [input] = inputs;
  const wanted = STRIDES.flatMap((stride) => ['cls', 'obj', 'bbox'].map((kind) => `${kind}_${stride}`));
  const missing = wanted.filter((name) => !outputs.some((output) => output.name === name));
  const [, channels, height, width] = input?.shape ?? [];
  if (
    input === undefined ||
    inputs.length !== 1 ||
    channels !== 3 ||
    missing.length > 0 ||
    (height !== width && typeof height === 'number' && typeof width === 'number')
  ) {
    throw new TalkError(
      'stream/format',
      `${file} is no YuNet: expected one input [1,3,S,S] and outputs ${wanted.join(', ')}, but it gives ${outputs.map(({ name }) => name).join(', ')}.`,
      { details: { path } },
    );
  }
  const size = typeof height === 'number' ? height : USUAL;
  const cells = (name: string) => (size / Number(name.split('_')[1])) ** 2;
  const numbers = (name: string) => (name.startsWith('bbox') ? 4 : 1);
  return {
    size,
    net: {
      name: 'yunet',
      path,
      pixels: 'floats',
      batch: 1,
      names: { planes: input.name },
      inputs: { planes: [3, size, size] },
      outputs: Object.fromEntries(wanted.map((name) => [name, [cells(name), numbers(name)]])),
    },
  };
}

/** Its input: planes blue, green, red, 0..255, of S x S pixels of 3 bytes BGR. */
export function yunetInput(bgr: Uint8Array): Float32Array {
  const area = bgr.length / 3;
  const planes = new Float32Array(bgr.length);
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) planes[c * area + i] = bgr[3 * i + c]!;
  return planes;
}

/** The faces it found, doubles included, in parts of the square. */
export function readYunet(
  outputs: Readonly<Record<string, Float32Array | Uint8Array>>,
  size: number,
  least: number,
): Found[] {
  return STRIDES.flatMap((stride) => {
    const [cls, obj, bbox] = ['cls', 'obj', 'bbox'].map((kind) => outputs[`${kind}_${stride}`]!);
    const across = size / stride;
    const found: Found[] = [];
    for (let at = 0; at < cls!.length; at++) {
      const score = Math.sqrt(clamp(cls![at]!) * clamp(obj![at]!));
      if (score < least) continue;
      const [dx = 0, dy = 0, logW = 0, logH = 0] = bbox!.subarray(4 * at, 4 * at + 4);
      const [w, h] = [Math.exp(logW) / across, Math.exp(logH) / across];
      const x = ((at % across) + dx) / across;
      const y = (Math.floor(at / across) + dy) / across;
      found.push({ box: { x: x - w / 2, y: y - h / 2, w, h }, score });
    }
    return found;
  });
}

const clamp = (v: number) => Math.min(1, Math.max(0, v));
