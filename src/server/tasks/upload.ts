/** A form with a video in it, written to disk as it comes. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { TalkError } from '../../element/index.js';

/** Fields of a form, and the file that came with it. */
export interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: string | undefined;
}

/**
 * Reads a form. The file gets a name of ours: what the client calls it is not looked at.
 * @throws TalkError resource/quota for a file above `limit` bytes, resource/no-space, stream/format; nothing is left then
 */
export async function readForm(
  request: FastifyRequest,
  folder: string,
  limit: number,
  { field = 'video_file', what = 'video' } = {},
): Promise<Form> {
  const fields: Record<string, string> = {};
  let file: string | undefined;
  try {
    for await (const part of request.parts({
      limits: { fileSize: limit, files: 1, fields: 40, fieldSize: 4096 },
    })) {
      if (part.type === 'field') fields[part.fieldname] = String(part.value);
      else if (part.fieldname === field && part.filename !== '') {
        file = join(folder, randomUUID());
        await mkdir(folder, { recursive: true });
        await receive(part, file, limit, what);
      } else part.file.resume();
    }
    return { fields, file };
  } catch (error) {
    if (file !== undefined) await rm(file, { force: true });
    if (error instanceof TalkError) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'FST_REQ_FILE_TOO_LARGE') throw tooLarge(limit, what);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new TalkError('resource/no-space', 'There is no space left for it.', { cause: error });
    }
    throw new TalkError('stream/format', 'The form is broken, or has more in it than is expected.', {
      cause: error,
    });
  }
}

async function receive(
  { file: stream }: MultipartFile,
  path: string,
  limit: number,
  what: string,
): Promise<void> {
  await pipeline(stream, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  if (stream.truncated) throw tooLarge(limit, what);
}

function tooLarge(limit: number, what: string): TalkError {
  return new TalkError(
    'resource/quota',
    `Expected a ${what} of at most ${Number((limit / 1e6).toFixed(1))} MB.`,
  );
}
