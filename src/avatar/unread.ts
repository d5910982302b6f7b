import { join } from 'node:path';
import { TalkError } from '../element/error.js';
import { frameFile } from './framefile.js';
import type { Reading, Unread } from './reading.js';

/** What to tell people about a picture that could not be read; `label` is the avatar. */
export function unread({ frame, problem, text }: Unread, job: Reading, label: string): TalkError {
  const { source, from, background } = job;
  const file =
    'film' in source
      ? source.film
      : frame < 0 && 'file' in background
        ? background.file
        : join(source.folder, frameFile(source.files, Math.max(0, frame)));
  if (problem === 'size') {
    return new TalkError(
      'stream/format',
      `Avatar "${label}": ${file} measures ${text}, but avatar.yaml says ${from.width}x${from.height}. Correct the one or the other.`,
      { details: { file, frame } },
    );
  }
  const what =
    'film' in source && frame >= 0
      ? `picture ${frame} of ${file} cannot be read. Copy the avatar again.`
      : `${file} is not a picture that can be read. Write it again as WebP, PNG or JPEG.`;
  return new TalkError('stream/decode', `Avatar "${label}": ${what}`, {
    details: { file, frame },
    debug: text,
  });
}
