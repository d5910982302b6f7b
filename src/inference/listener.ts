/** Models that hear: whether somebody speaks, hop by hop. */
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { TalkError } from '../element/error.js';
import { explain, readDocument, wrongManifest } from './document.js';
import { COMMON } from './fields.js';
import { modelFolders } from './folders.js';
import type { Net } from './net.js';

/** Families of models that hear whether somebody speaks. */
export const LISTENERS = ['silero'] as const;
export type ListenerFamily = (typeof LISTENERS)[number];

/** What goes in and comes out, without the batch dimension: one hop of sound, and what is remembered from hop to hop. */
const CONTRACTS: Readonly<Record<ListenerFamily, { inputs: Shapes; outputs: Shapes }>> = {
  silero: {
    inputs: { sound: [576], state: [2, 128] },
    outputs: { speech: [1], next: [2, 128] },
  },
};

type Shapes = Readonly<Record<string, readonly number[]>>;

const shapes = z.record(z.string(), z.array(z.number().int().positive()).min(1));

/** What the `model.yaml` of a listener may hold. */
const schema = z.strictObject({
  // First, for it is what tells most of a file that is none of these.
  family: z.enum(LISTENERS),
  ...COMMON,
  inputs: shapes,
  outputs: shapes,
});

/** A model on this machine that hears whether somebody speaks; the pool runs it as it is. */
export interface Listener extends Net {
  readonly family: ListenerFamily;
  readonly licence: string;
  /** Where it can be fetched, and how large it is. */
  readonly url?: string;
  readonly bytes?: number;
  readonly consent?: string;
}

/** True for a manifest of a listener. */
export function isListener(model: { readonly family: string }): model is Listener {
  return (LISTENERS as readonly string[]).includes(model.family);
}

/**
 * Reads the manifest of a listener by name, or by the path of its folder or `model.yaml`.
 * @throws TalkError resource/not-found, resource/settings
 */
export async function readListener(model: string, folders = modelFolders()): Promise<Listener> {
  const { folder, file, content } = await readDocument(model, folders);
  const { family } = (content ?? {}) as { family?: unknown };
  if (typeof family === 'string' && !isListener({ family })) {
    throw new TalkError(
      'resource/settings',
      `The model "${model}" is of the family ${family} and does not hear who speaks; expected one of the family ${LISTENERS.join(' or ')}.`,
      { details: { model } },
    );
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw wrongManifest(file, explain(parsed.error));
  const { description: _, sha256, url, bytes, consent, ...m } = parsed.data;
  for (const side of ['inputs', 'outputs'] as const) demand(file, side, m[side], CONTRACTS[m.family][side]);
  return {
    ...m,
    path: isAbsolute(m.file) ? m.file : join(folder, m.file),
    pixels: 'floats',
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(url === undefined ? {} : { url }),
    ...(bytes === undefined ? {} : { bytes }),
    ...(consent === undefined ? {} : { consent }),
  };
}

function demand(file: string, side: string, found: Shapes, wanted: Shapes): void {
  const written = (all: Shapes) => JSON.stringify(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (written(found) === written(wanted)) return;
  throw wrongManifest(file, `${side} must be ${JSON.stringify(wanted)} but is ${JSON.stringify(found)}`);
}
