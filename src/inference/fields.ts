/** What every `model.yaml` says of its file, whatever the model is for. */
import { z } from 'zod';
import { MODEL_NAME } from './folders.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits');

/** One file of weights. */
export const FILE = {
  file: z.string().min(1),
  sha256: sha256.optional(),
  bytes: z.number().int().positive().optional(),
};

/** Keys of all manifests. */
export const COMMON = {
  name: z.string().regex(MODEL_NAME, 'lower-case letters, digits, dot, dash and underscore'),
  description: z.string().optional(),
  ...FILE,
  /** Where it can be fetched. */
  url: z.url().optional(),
  licence: z.string().min(1),
  /** What one agrees to by fetching the weights, a sentence. */
  consent: z.string().min(1).max(500).optional(),
};
