import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TalkError } from '../element/error.js';

/**
 * Folders that hold models, first wins: TALKGRAPH_MODELS (several with `:`), `models` where the process runs,
 * `models` of this package.
 */
export function modelFolders(): string[] {
  const named = (process.env['TALKGRAPH_MODELS'] ?? '').split(':').filter((folder) => folder !== '');
  // This file runs as dist/src/inference/folders.js.
  const own = [fileURLToPath(new URL('../../../models', import.meta.url))];
  return [...new Set([...named, 'models', ...own].map((folder) => resolve(folder)))];
}

/** What a model may be called; it is the name of its folder, too. */
export const MODEL_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** True for what a model may be called. */
export function isModelName(name: string): boolean {
  return MODEL_NAME.test(name);
}

/** Names of the models that are there, each once, sorted. */
export async function listModels(folders = modelFolders()): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of folders) {
    // A folder that does not exist holds no model.
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      // One whose name begins with a dot is still being made.
      if (
        entry.isDirectory() &&
        !entry.name.startsWith('.') &&
        (await isFile(join(folder, entry.name, 'model.yaml')))
      )
        found.add(entry.name);
    }
  }
  return [...found].sort();
}

/** The folder of a model by name or path. @throws TalkError resource/not-found naming where it looked and what is there */
export async function findModel(model: string, folders: string[]): Promise<string> {
  if (/[/\\]/.test(model)) {
    const path = resolve(model);
    const folder = basename(path) === 'model.yaml' ? resolve(path, '..') : path;
    if (await isFile(join(folder, 'model.yaml'))) return folder;
    throw missing(model, [folder], []);
  }
  for (const folder of folders) {
    if (
      model !== '' &&
      model !== '.' &&
      model !== '..' &&
      (await isFile(join(folder, model, 'model.yaml')))
    ) {
      return join(folder, model);
    }
  }
  throw missing(model, folders, await listModels(folders));
}

function missing(model: string, folders: string[], there: string[]): TalkError {
  const list = there.length > 0 ? `There is: ${there.join(', ')}.` : 'No model is there.';
  return new TalkError(
    'resource/not-found',
    // Where was looked is for whoever runs it: clients of a server read the sentence.
    `There is no model "${model}". ${list}`,
    { details: { model, folders: folders.join(' '), there: there.join(' ') } },
  );
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
