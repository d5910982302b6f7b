/** What a `model.yaml` says of the files that run, and where those lie. */
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { FILE } from './fields.js';
import type { Net } from './net.js';

const part = z.strictObject(FILE);
/** Where the weights are, if not in the file that runs; that names these files, too. */
const weights = z.union([part, z.array(part).min(1)]).optional();

/** Keys of a file that runs, beside what `FILE` says of it. */
export const RUNS = {
  weights,
  /** Files that run behind it, one after the other, each fed with what those before gave; the last gives the outputs. */
  next: z
    .array(
      z.strictObject({
        ...FILE,
        weights,
        inputs: z.array(z.string().min(1)),
        outputs: z.array(z.string().min(1)).min(1),
        /** What the file calls an input or output, where that is not what we call it. */
        names: z.record(z.string(), z.string().min(1)).optional(),
        /** Inputs of the file that are the same for every row: the number that fills them. */
        constants: z.record(z.string(), z.number()).optional(),
      }),
    )
    .min(1)
    .max(8)
    .optional(),
};

const file = z.object({ ...FILE, ...RUNS });
type Part = z.output<typeof part>;

/** A file with its weights and those that run behind it, each with its absolute path. */
export function placed(
  folder: string,
  { next, ...first }: z.output<typeof file>,
): Pick<Net, 'path' | 'sha256' | 'weights' | 'next'> {
  const at = ({ file, sha256 }: Part) => ({
    path: isAbsolute(file) ? file : join(folder, file),
    ...(sha256 === undefined ? {} : { sha256 }),
  });
  const runs = ({ weights, ...one }: Part & { readonly weights?: Part | Part[] | undefined }) => ({
    ...at(one),
    ...(weights === undefined ? {} : { weights: [weights].flat().map(at) }),
  });
  const steps = next?.map(({ inputs, outputs, names, constants, ...one }) => ({
    ...runs(one),
    inputs,
    outputs,
    ...(names === undefined ? {} : { names }),
    ...(constants === undefined ? {} : { constants }),
  }));
  return { ...runs(first), ...(steps === undefined ? {} : { next: steps }) };
}
