import { TalkError } from '../element/error.js';
import {
  familyOf,
  type LoadedModel,
  type Manifest,
  type OnLoad,
  readManifest,
  readProviders,
  sharedPool,
} from '../inference/index.js';
import { heardInput } from './heard.js';
import { demandLatents, type LatentAvatar } from './latents.js';
import { hasLayers, LAYERS } from './layers.js';
import { PATCH_BYTES } from './patchbytes.js';
import { type Visemes, visemesFor } from './visemes.js';

/** What an element says of the model it wants. */
export interface Wish {
  readonly drive: 'auto' | 'audio' | 'phonemes';
  readonly provider: string;
  readonly progress: OnLoad;
}

/** A lip-sync model that is ready to draw mouths. */
export interface Lips {
  /** As it was asked for. */
  readonly name: string;
  readonly model: LoadedModel<Uint8Array<ArrayBuffer>>;
  readonly manifest: Manifest;
  /** Its patches have layers behind the picture. */
  readonly layers: boolean;
  /** What sounds look like, where it is told. */
  readonly visemes: Visemes | undefined;
}

/** Loads a model into the shared pool; `dropLips` gives it back. @throws what manifest and pool throw */
export async function loadLips(name: string, { drive, provider, progress }: Wish): Promise<Lips> {
  const manifest = await readManifest(name);
  const layers = hasLayers(manifest);
  const visemes = await visemesFor(manifest, drive);
  const outputs = manifest.pixels === 'bytes' ? ['rgb'] : ['out', ...(layers ? LAYERS : [])];
  const providers = readProviders(provider);
  const model = await sharedPool().load(manifest, { providers, outputs, finish: PATCH_BYTES, progress });
  return { name, model, manifest, layers, visemes };
}

/** Gives a model back. `forget`: its weights go, if nobody else has it. */
export function dropLips({ model }: Lips, forget = false): void {
  sharedPool().release(model, forget);
}

/** Makes sure that a model can draw on an avatar. @throws TalkError resource/settings */
export function demandFace({ manifest: { name, family } }: Lips, avatar: LatentAvatar): void {
  if (familyOf(family).shown === 'latent') demandLatents(name, avatar);
}

/** Two models take the very same feature windows: one can go on where the other was. */
export function hearAlike(one: Manifest, other: Manifest): boolean {
  const ears = (manifest: Manifest) => {
    const { features, windowOffsetMs, level, encoder, inputs } = manifest;
    return JSON.stringify([features, windowOffsetMs, level, encoder, inputs[heardInput(manifest)]]);
  };
  return ears(one) === ears(other);
}

/** A change of the model that is not made, and why; the old one stays. */
export function refusal(name: string, stays: string, cause: unknown): TalkError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TalkError('library/settings', `The model stays ${stays}, ${name} is not taken: ${why}`, {
    details: { model: name },
    cause,
  });
}
