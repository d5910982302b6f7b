import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../element/error.js';
import type { Box } from '../picture/picture.js';
import type { Avatar } from './avatar.js';
import { clipId } from './folders.js';
import { posterFile } from './framefile.js';
import { hashPackage } from './hash.js';
import { openAvatar } from './open.js';
import { readAvatar } from './read.js';
import { frames, unknownUse } from './words.js';

/** Something that is not as it should be. */
export interface Finding {
  /** `error`: it cannot be used. `warning`: it can, and will look or behave worse than it could. */
  readonly severity: 'error' | 'warning';
  /** A sentence. */
  readonly text: string;
}

/** From one frame to the next, as a part of the box: a head moves less, a detector that lost it more. */
const JUMP = 0.08;

/**
 * Looks at all of an avatar: its manifest, whether its files are the ones that were written, every picture, the way its boxes go;
 * and at its clips in the same way.
 * @param progress called with the number of pictures looked at
 */
export async function checkAvatar(
  idOrFolder: string,
  {
    root,
    progress,
    signal,
  }: { root?: string; progress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = (severity: Finding['severity'], text: string) => findings.push({ severity, text });
  let avatar: Avatar | undefined;
  try {
    const { folder, manifest } = await readAvatar(idOrFolder, root);
    const { sha256, crops } = manifest;
    if (sha256 !== undefined && sha256 !== (await hashPackage(folder))) {
      add(
        'error',
        'Its files are not the ones that were written (sha256): copy it again, or take "sha256" out of avatar.yaml.',
      );
    }
    const unknown = unknownUse(manifest);
    if (unknown !== undefined) add('warning', unknown);
    const poster = join(folder, posterFile(manifest));
    if ((await stat(poster).catch(() => undefined)) === undefined) add('error', `${poster} is missing.`);
    avatar = await openAvatar(idOrFolder, root === undefined ? {} : { root });
    for (let frame = 0; frame < avatar.count; frame++) {
      signal?.throwIfAborted();
      avatar.ahead(frame);
      await avatar.load(frame);
      progress?.(frame + 1, avatar.count);
    }
    for (const name of avatar.clips) {
      const found = await checkAvatar(clipId(idOrFolder, name), {
        ...(root === undefined ? {} : { root }),
        ...(signal === undefined ? {} : { signal }),
      });
      // A clip is its avatar's, and so is what is known of its use.
      const own = found.filter(({ text }) => text !== unknownUse({}) && text !== unknownUse({ consent: '' }));
      for (const { severity, text } of own) add(severity, `Clip ${name}: ${text}`);
    }
    for (const crop of avatar.boxed ? ['', ...Object.keys(crops)] : []) lookAtBoxes(avatar, crop, add);
  } catch (error) {
    if (!(error instanceof TalkError)) throw error;
    add('error', error.message);
  } finally {
    avatar?.close();
  }
  return findings;
}

function lookAtBoxes(
  avatar: Avatar,
  crop: string,
  add: (severity: Finding['severity'], text: string) => void,
): void {
  const which = crop === '' ? 'the boxes' : `the boxes for ${crop}`;
  const jumps: number[] = [];
  let outside = 0;
  let before: Box | undefined;
  for (let n = 0; n < avatar.count; n++) {
    const box = avatar.box(n, crop);
    if (before !== undefined && moved(before, box) > JUMP) jumps.push(n);
    const { x, y, w, h } = box;
    if (x + w / 2 < 0 || y + h / 2 < 0 || x + w / 2 > avatar.width || y + h / 2 > avatar.height) outside++;
    before = box;
  }
  if (outside > 0) add('error', `In ${frames(outside)} the middle of ${which} lies outside of the picture.`);
  if (jumps.length > 0) {
    const { num, den } = avatar.framerate;
    const at = (n: number) => `${((n * den) / num).toFixed(2)} s`;
    add(
      'warning',
      `In ${frames(jumps.length)} ${which} jump, first at ${at(jumps[0]!)}: the mouth will, too.`,
    );
  }
}

/** How far the middle moves or the sides change, as a part of the box. */
function moved(a: Box, b: Box): number {
  const across = Math.abs(a.x + a.w / 2 - b.x - b.w / 2) / a.w;
  const down = Math.abs(a.y + a.h / 2 - b.y - b.h / 2) / a.h;
  return Math.max(across, down, Math.abs(a.w - b.w) / a.w, Math.abs(a.h - b.h) / a.h);
}
