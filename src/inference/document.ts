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
 * Finds a model by name or path and reads its `model.yaml`.
 * @throws TalkError resource/not-found, resource/read; resource/settings for what is no YAML
 */
export async function readDocument(model: string, folders: string[]): Promise<ModelDocument> {
  const folder = await findModel(model, folders);
  const file = join(folder, 'model.yaml');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new TalkError('resource/read', `The manifest ${file} cannot be read.`, { cause });
  });
  const document = parseDocument(text, { lineCounter: new LineCounter() });
  const wrong = document.errors[0];
  if (wrong !== undefined) throw wrongManifest(file, wrong.message);
  return { folder, file, content: document.toJS() };
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
