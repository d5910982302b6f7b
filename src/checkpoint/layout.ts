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
  /** The encoder of that autoencoder, where both halves are files of their own. */
  readonly vaeEncoder?: string;
  /** The encoder that it hears with, where there is one. */
  readonly whisper?: string;
}

/** Version 1.5, then version 1. */
const UNETS = ['musetalkV15/unet.pth', 'unet.pth', 'musetalk/pytorch_model.bin'];
const VAES = ['diffusion_pytorch_model.safetensors', 'diffusion_pytorch_model.bin'];
/** As ONNX, with the folders that exporters make. */
const ONNX = {
  unet: ['unet.onnx', 'unet/model.onnx', 'musetalkV15/unet.onnx', 'musetalk/unet.onnx'],
  decoder: ['vae_decoder.onnx', 'vae_decoder/model.onnx', 'decoder.onnx'],
  encoder: ['vae_encoder.onnx', 'vae_encoder/model.onnx', 'encoder.onnx'],
  whisper: ['whisper.onnx', 'whisper_encoder.onnx', 'whisper/encoder.onnx'],
};
const WHISPERS = ['model.safetensors', 'pytorch_model.bin', 'tiny.pt'].map((file) => `whisper/${file}`);

/**
 * The files of a MuseTalk in a folder: that of LiveTalking, or its `models`. Undefined when it is no folder.
 * @throws TalkError resource/not-found saying what is missing
 */
export async function findLayout(path: string): Promise<Layout | undefined> {
  if ((await stat(path).catch(() => undefined))?.isDirectory() !== true) return undefined;
  const places = [path, join(path, 'models')];
  const checkpoint = await first(places, UNETS);
  const unet = checkpoint ?? (await first(places, ONNX.unet));
  if (unet === undefined) throw missing(path, 'UNet', [...UNETS, ...ONNX.unet]);
  const onnx = checkpoint === undefined;
  const folders = (await Promise.all(places.map((place) => readdir(place).catch(() => [])))).flat();
  const known = [...new Set(folders.filter((name) => /^(sd-)?vae/.test(name)))].sort();
  const named = known.flatMap((folder) => VAES.map((file) => `${folder}/${file}`));
  const decoder = onnx ? await first(places, ONNX.decoder) : undefined;
  const vae = decoder ?? (await first(places, named));
  if (vae === undefined)
    throw missing(path, 'autoencoder', [
      ...VAES.map((file) => `sd-vae/${file}`),
      ...(onnx ? ONNX.decoder : []),
    ]);
  const vaeEncoder = decoder === undefined ? undefined : await first(places, ONNX.encoder);
  const whisper = await first(places, [...WHISPERS, ...ONNX.whisper]);
  return {
    unet,
    vae,
    ...(vaeEncoder === undefined ? {} : { vaeEncoder }),
    ...(whisper === undefined ? {} : { whisper }),
  };
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
