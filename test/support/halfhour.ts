import { linkSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBoxes } from '../../src/avatar/boxes.js';
import { avatarsFolder } from '../../src/avatar/folders.js';
import { formatManifest, MANIFEST } from '../../src/avatar/manifest.js';

/** Pictures of half an hour. */
export const HALF_HOUR = 45_000;

/** Writes half an hour of ava as `root/long`: her pictures again and again, linked, not copied. */
export function putHalfHour(root: string): void {
  const source = join(avatarsFolder(), 'ava', 'frames');
  const folder = join(root, 'long');
  mkdirSync(join(folder, 'frames'), { recursive: true });
  const names = readdirSync(source).sort();
  for (let n = 0; n < HALF_HOUR; n++) {
    const to = join(folder, 'frames', `${String(n).padStart(5, '0')}.webp`);
    linkSync(join(source, names[n % names.length]!), to);
  }
  writeFileSync(
    join(folder, 'boxes.csv'),
    formatBoxes(Array.from({ length: HALF_HOUR }, () => [99, 172, 339, 339] as const)),
  );
  const manifest = {
    ...{ name: 'Long', width: 512, height: 768, frames: HALF_HOUR },
    ...{ files: 'frames/%05d.webp', boxes: 'boxes.csv' },
  };
  writeFileSync(join(folder, MANIFEST), formatManifest(manifest, []));
}
