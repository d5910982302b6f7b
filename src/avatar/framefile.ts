/** Names of an avatar's pictures. Threads that read them need no more of a manifest than that. */
import type { Manifest } from './manifest.js';

/** Name of the picture of one frame, relative to the avatar's folder; `files` is the pattern. */
export function frameFile(files: string, frame: number): string {
  return files.replace(/%0?(\d{0,2})d/, (_, digits: string) =>
    String(frame).padStart(Number(digits || 0), '0'),
  );
}

/** The picture that stands for the avatar, relative to its folder. */
export function posterFile({ poster, files }: Pick<Manifest, 'poster' | 'files'>): string {
  return poster ?? frameFile(files!, 0);
}
