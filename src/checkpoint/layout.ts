/**
 * MuseTalk as LiveTalking lays it out: three files in folders beside each other.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../element/error.js';

/** Where the files of a MuseTalk are. */
export interface Layout {
  readonly unet: string;
  readonly vae: string;
  /** The encoder that it hears with, where there is one. */
  readonly whisper?: string;
}

/** Version 1.5, then version 1. */
const UNETS = ['musetalkV15/unet.pth', 'unet.pth', 'musetalk/pytorch_model.bin'];
const VAES = ['diffusion_pytorch_model.safetensors', 'diffusion_pytorch_model.bin'];
const WHISPERS = ['model.safetensors', 'pytorch_model.bin', 'tiny.pt'].map((file) => `whisper/${file}`);

/**
 * The files of a MuseTalk in a folder: that of LiveTalking, or its `models`. Undefined when it is no folder.
 * @throws TalkError resource/not-found saying what is missing
 */
export async function findLayout(path: string): Promise<Layout | undefined> {
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) return undefined;
  const places = [path, join(path, 'models')];
  const unet = await first(places, UNETS);
  if (unet === undefined) throw missing(path, 'UNet', UNETS);
  const folders = (await Promise.all(places.map((place) => readdir(place).catch(() => [])))).flat();
  const known = [...new Set(folders.filter((name) => /^(sd-)?vae/.test(name)))].sort();
  const named = known.flatMap((folder) => VAES.map((file) => `${folder}/${file}`));
  const vae = await first(places, named);
  if (vae === undefined)
    throw missing(
      path,
      'autoencoder',
      VAES.map((file) => `sd-vae/${file}`),
    );
  const whisper = await first(places, WHISPERS);
  return { unet, vae, ...(whisper === undefined ? {} : { whisper }) };
}

async function first(places: readonly string[], names: readonly string[]): Promise<string | undefined> {
  for (const place of places) {
    for (const name of names) {
      const path = join(place, name);
      if ((await stat(path).catch(() => undefined))?.isFile() === true) return path;
    }
  }
  return undefined;
}

function missing(folder: string, what: string, names: readonly string[]): TalkError {
  return new TalkError(
    'resource/not-found',
    `There is no ${what} of a MuseTalk in ${folder}: looked for ${names.join(', ')}, there and in models.`,
    { details: { folder } },
  );
}
