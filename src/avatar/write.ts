import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { frameFile } from './framefile.js';
import { formatManifest, MANIFEST, type ManifestInput } from './manifest.js';
import { drawPortrait, IDLE, idle } from './portrait/index.js';

/**
 * 25 kB a frame. Preset `text` switches off what spends bits by content: then equal parts of two frames are coded
 * alike and a slow sway does not shimmer (0.2 % of pixels waver by more than 8 of 255, with the defaults 0.6 %).
 */
const WEBP = { quality: 95, effort: 6, smartSubsample: true, preset: 'text' } as const;

/** One idle frame of a drawn person as the bytes of its WebP file, and its box. */
export async function drawFrame(who: number | 'ava', frame: number, width: number, height: number) {
  const { svg, geometry } = drawPortrait(who, { ...idle(frame), width, height });
  const bytes = await sharp(Buffer.from(svg)).removeAlpha().webp(WEBP).toBuffer();
  return { bytes, geometry };
}

/** Draws the idle life of a person and writes it as an avatar package. Returns the bytes of all pictures. */
export async function writeDrawnAvatar(
  folder: string,
  who: number | 'ava',
  { width, height }: { width: number; height: number },
): Promise<number> {
  const files = 'frames/%03d.webp';
  await rm(join(folder, 'frames'), { recursive: true, force: true });
  await mkdir(join(folder, dirname(files)), { recursive: true });
  const boxes: ManifestInput['boxes'] = [];
  let total = 0;
  let name = '';
  for (let frame = 0; frame < IDLE.frames; frame++) {
    const { bytes, geometry } = await drawFrame(who, frame, width, height);
    await writeFile(join(folder, frameFile(files, frame)), bytes);
    const { x, y, w, h } = geometry.box;
    boxes.push([x, y, w, h]);
    name = geometry.name.replace(/^\p{L}/u, (c) => c.toUpperCase());
    total += bytes.length;
  }
  const manifest: ManifestInput = {
    name,
    licence: 'Apache-2.0',
    origin: 'drawn by talkgraph from a set of numbers, after no real person',
    width,
    height,
    framerate: `${IDLE.framerate}/1`,
    frames: IDLE.frames,
    files,
    loop: 'there-and-back',
    boxes,
  };
  const about = [
    'Six seconds of a listener: breathing, swaying, blinking. The mouth stays closed.',
    `Made by  node dist/src/avatar/draw.js --avatar ${who} --size ${width}x${height} --out ${folder}`,
  ];
  await writeFile(join(folder, MANIFEST), formatManifest(manifest, about));
  return total;
}
