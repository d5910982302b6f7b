import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { TalkError } from '../element/error.js';
import { findModel } from './folders.js';

/** A `model.yaml` that was found and read, not yet checked. */
export interface ModelDocument {
  readonly folder: string;
  readonly file: string;
  readonly content: unknown;
}

/**
 * What was read last, by its file. To parse one takes a millisecond or two of the JS thread, and each session and each list of models asks for it
 * anew. Of more files than that the one that was read first is forgotten.
 */
const read = new Map<string, { readonly text: string; readonly content: unknown }>();
const KEPT = 64;

/**
 * Finds a model by name or path and reads its `model.yaml`.
 * @throws TalkError resource/not-found, resource/read; resource/settings for what is no YAML
 */
export async function readDocument(model: string, folders: string[]): Promise<ModelDocument> {
  const folder = await findModel(model, folders);
  const file = join(folder, 'model.yaml');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TalkError('resource/read', `The manifest ${file} cannot be read.`, { cause });
  });
  const known = read.get(file);
  if (known?.text === text) return { folder, file, content: known.content };
  const document = parseDocument(text, { lineCounter: new LineCounter() });
  const wrong = document.errors[0];
  if (wrong !== undefined) throw wrongManifest(file, wrong.message);
  const content: unknown = document.toJS();
  const [first] = read.keys();
  if (first !== undefined && read.size >= KEPT) read.delete(first);
  read.set(file, { text, content });
  return { folder, file, content };
}

/** The error for a manifest that is not as it must be. */
export function wrongManifest(file: string, what: string): TalkError {
  return new TalkError('resource/settings', `The manifest ${file} is not right: ${what}`, {
    details: { file },
  });
}

/** What a schema found wrong, in one line. */
export function explain({ issues }: z.ZodError): string {
  return issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}
