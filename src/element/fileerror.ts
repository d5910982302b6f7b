import { TalkError } from './error.js';

/**
 * What is told of something that cannot be written: errors of the file system as ours, all others as they are.
 * @param path what was to be written
 * @param kept what is to be said besides when the disk is full
 */
export function writeError(error: unknown, path: string, kept = ''): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || syscall === undefined) return error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new TalkError(
    full ? 'resource/no-space' : 'resource/write',
    full
      ? `There is no space left for ${path}${kept === '' ? '.' : `; ${kept}.`}`
      : `${path} cannot be written.`,
    { details: { path }, cause: error },
  );
}
