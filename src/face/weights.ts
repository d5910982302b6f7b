/**
 * Weights as TensorFlow.js stores them: a list of tensors in JSON, and their bytes in a file beside it.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../element/error.js';

/** One tensor, in TensorFlow's order of dimensions: height, width, in, out. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** All tensors of a net by name. */
export type Weights = ReadonlyMap<string, Weight>;

const schema = z
  .array(
    z.object({
      paths: z.tuple([z.string().regex(/^[\w.-]+$/)]),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.int().positive().max(65_536)),
          quantization: z.object({ dtype: z.literal('uint8'), scale: z.number(), min: z.number() }),
        }),
      ),
    }),
  )
  .length(1);

/** The package that brings the nets, MIT. Nothing of its code runs here. */
const PACKAGE = '@vladmandic/face-api';

/**
 * Reads the weights of one of the package's nets, such as `tiny_face_detector_model`: 8 bits each, with a scale and a
 * smallest value for each tensor.
 * @throws TalkError resource/not-found without the package, stream/format when its files are not what they were
 */
export async function readWeights(net: string): Promise<Weights> {
  const folder = modelFolder();
  const file = join(folder, `${net}-weights_manifest.json`);
  try {
    const [group] = schema.parse(JSON.parse(await readFile(file, 'utf8')));
    const bytes = await readFile(join(folder, group!.paths[0]));
    const found = new Map<string, Weight>();
    let at = 0;
    for (const { name, shape, quantization } of group!.weights) {
      const length = shape.reduce((product, dim) => product * dim, 1);
      const values = Float32Array.from(
        bytes.subarray(at, at + length),
        (level) => level * quantization.scale + quantization.min,
      );
      if (values.length !== length) throw new RangeError(`${name} ends after ${values.length} of ${length}`);
      found.set(name, { shape, values });
      at += length;
    }
    if (at !== bytes.length) throw new RangeError(`${bytes.length - at} bytes belong to nothing`);
    return found;
  } catch (cause) {
    throw new TalkError('stream/format', `The face net ${net} of ${PACKAGE} cannot be read.`, {
      details: { file },
      debug: String(cause),
      cause,
    });
  }
}

function modelFolder(): string {
  try {
    const main = createRequire(import.meta.url).resolve(PACKAGE);
    return join(dirname(main), '..', 'model');
  } catch (cause) {
    throw new TalkError(
      'resource/not-found',
      `The package ${PACKAGE}, which brings the nets that find faces, is not installed; "npm install" brings it.`,
      { cause },
    );
  }
}
