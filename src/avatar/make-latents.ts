import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { TalkError } from '../element/error.js';
import { writeError } from '../element/fileerror.js';
import {
  familyOf,
  type LoadedModel,
  type Manifest,
  type Provider,
  sharedPool,
  toHalves,
} from '../inference/index.js';
import type { Avatar } from './avatar.js';
import { hashPackage } from './hash.js';
import { MANIFEST } from './manifest.js';
import { openAvatar } from './open.js';
import { readAvatar } from './read.js';

/** How latents are made. */
export interface LatentOptions {
  /** Where names are looked up; default `avatarsFolder()`. */
  readonly root?: string;
  /** In order of preference; default the CPU. */
  readonly providers?: readonly Provider[];
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total: number) => void;
}

/** What was made. */
export interface MadeLatents {
  readonly folder: string;
  readonly frames: number;
  /** False where the avatar has no boxes of the model's kind, so that its own were taken. */
  readonly cut: boolean;
}

const FILE = 'latents.f16';
/** Faces that are at work at a time. */
const AT_ONCE = 8;
type Encoder = Pick<LoadedModel<Readonly<Record<string, Float32Array | Uint8Array>>>, 'infer'>;

/**
 * Makes what a model that paints in latents is shown of an avatar, once for each frame, and writes it beside the pictures. The
 * avatar has all of it afterwards or is as it was.
 *
 * @throws TalkError resource/settings for a model that is shown pixels; what `openAvatar` and the pool throw; resource/write;
 *   the signal's reason
 */
export async function makeLatents(
  idOrFolder: string,
  model: Manifest,
  { root, providers = ['cpu'], signal, progress }: LatentOptions = {},
): Promise<MadeLatents> {
  if (model.latents === undefined) {
    const shown = familyOf(model.family).shown;
    throw new TalkError(
      'resource/settings',
      shown === 'face'
        ? `The model ${model.name} is shown pixels and needs no latents.`
        : `The model ${model.name} was imported without what makes latents: import it again, with --vae-encoder vae_encoder.onnx.`,
      { details: { model: model.name } },
    );
  }
  const { folder, manifest } = await readAvatar(idOrFolder, root);
  const avatar = await openAvatar(idOrFolder, root === undefined ? {} : { root });
  const scratch = join(folder, `.${FILE}-${randomUUID()}`);
  try {
    const encoder = await sharedPool().load(model.latents, { providers });
    await writeAll(scratch, avatar, model, encoder, { signal, progress });
    signal?.throwIfAborted();
    await rename(scratch, join(folder, FILE));
    await tell(folder);
  } catch (error) {
    await rm(scratch, { force: true });
    throw writeError(error, join(folder, FILE));
  } finally {
    avatar.close();
  }
  return { folder, frames: avatar.count, cut: model.crop in manifest.crops };
}

async function writeAll(
  path: string,
  avatar: Avatar,
  { size, crop }: Manifest,
  encoder: Encoder,
  { signal, progress }: { signal: AbortSignal | undefined; progress: LatentOptions['progress'] },
): Promise<void> {
  const file = await open(path, 'wx');
  const working: Promise<Readonly<Record<string, Float32Array | Uint8Array>>>[] = [];
  try {
    for (let done = 0, next = 0; done < avatar.count; done++) {
      for (; next < avatar.count && working.length < AT_ONCE; next++) {
        while (!avatar.has(next)) await avatar.load(next);
        const face = avatar.face(next, size, crop);
        const work = encoder.infer({ inputs: { face }, batch: 1, ...(signal && { signal }) });
        // Whoever takes the result sees the error.
        work.catch(() => undefined);
        working.push(work);
      }
      const { latent } = await working.shift()!;
      await file.write(new Uint8Array(toHalves(latent as Float32Array).buffer));
      progress?.(done + 1, avatar.count);
    }
  } finally {
    await file.close();
  }
}

/** Names the file in the manifest, whose other lines and comments stay. */
async function tell(folder: string): Promise<void> {
  const path = join(folder, MANIFEST);
  const document = parseDocument(await readFile(path, 'utf8'));
  document.set('latents', FILE);
  if (document.has('sha256')) document.set('sha256', await hashPackage(folder));
  const scratch = join(folder, `.${MANIFEST}-${randomUUID()}`);
  await writeFile(scratch, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
  await rename(scratch, path);
}
