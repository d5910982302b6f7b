/** A small avatar written into a temporary folder: odd numbers, a colour per frame. Helper, no tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { frameFile } from '../../../src/avatar/framefile.js';
import { formatManifest, type ManifestInput } from '../../../src/avatar/manifest.js';

export const SMALL: ManifestInput = {
  name: 'Small',
  width: 70,
  height: 46,
  framerate: '13/1',
  frames: 7,
  files: 'pictures/p%04d.png',
  loop: 'there-and-back',
  boxes: Array.from({ length: 7 }, (_, i) => [10 + i / 3, 8.5, 24.5, 24.5]),
};

/** Colour of one frame. */
export const paint = (frame: number) => ({ r: 30 + 25 * frame, g: 200 - 20 * frame, b: 90 });

/** Writes it as `root/small` and returns the root; the folder goes away with the test. */
export async function smallAvatar(
  t: { teardown(fn: () => unknown): void },
  changes: Partial<ManifestInput> = {},
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'talkgraph-avatar-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'small');
  await mkdir(join(folder, dirname(SMALL.files!)), { recursive: true });
  for (let i = 0; i < SMALL.frames; i++) {
    await sharp({ create: { width: SMALL.width, height: SMALL.height, channels: 3, background: paint(i) } })
      .png()
      .toFile(join(folder, frameFile(SMALL.files!, i)));
  }
  await writeFile(join(folder, 'avatar.yaml'), formatManifest({ ...SMALL, ...changes }, ['A test.']));
  return root;
}
