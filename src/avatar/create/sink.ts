/** Where a new avatar goes: the one seam between making its pictures and storing them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { formatManifest, frameFile, MANIFEST, type ManifestInput } from '../manifest.js';
import type { Rgb } from './close.js';
import type { Boxes } from './track.js';

/** What there is to know of a new avatar besides its pictures. */
export interface NewAvatar {
  readonly name: string;
  readonly licence: string;
  readonly origin: string;
  readonly width: number;
  readonly height: number;
  readonly framerate: number;
  readonly loop: 'there-and-back' | 'forward';
  /** One for each picture. */
  readonly boxes: readonly Boxes[];
  /** Comment lines at the top of avatar.yaml. */
  readonly about: readonly string[];
}

/**
 * Preset `text` keeps equal parts of two pictures equal; see `writeDrawnAvatar`. Colours come at half size already, so clever
 * ways to halve them would only take time (2.5 times as much).
 */
const WEBP = { quality: 95, effort: 4, preset: 'text' } as const;

/** Writes pictures and manifest into an empty folder. `written` is called after each picture. Returns the bytes of all pictures. */
export async function writeAvatar(
  folder: string,
  avatar: NewAvatar,
  pictures: AsyncIterable<Rgb>,
  written: (count: number) => void,
): Promise<number> {
  const files = 'frames/%04d.webp';
  await mkdir(join(folder, dirname(files)), { recursive: true });
  let bytes = 0;
  let count = 0;
  let done = 0;
  const busy = new Set<Promise<void>>();
  const most = Math.min(4, availableParallelism());
  for await (const { data, width, height } of pictures) {
    const file = join(folder, frameFile({ files }, count++));
    const work = sharp(data, { raw: { width, height, channels: 3 } })
      .webp(WEBP)
      .toBuffer()
      .then(async (webp) => {
        await writeFile(file, webp);
        bytes += webp.length;
        written(++done);
      })
      .finally(() => busy.delete(work));
    busy.add(work);
    if (busy.size >= most) await Promise.race(busy);
  }
  await Promise.all(busy);
  const { boxes, about, framerate, ...rest } = avatar;
  const manifest: ManifestInput = {
    ...rest,
    framerate: `${framerate}/1`,
    frames: count,
    files,
    boxes: boxes.map(({ mouth: { x, y, w, h } }) => [x, y, w, h]),
  };
  await writeFile(join(folder, MANIFEST), formatManifest(manifest, about));
  return bytes;
}
