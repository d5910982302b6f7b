import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { TalkError } from '../../element/error.js';
import type { Part } from './protobuf.js';

/** Small pieces are gathered to writes of this many bytes. */
const CHUNK = 1 << 20;

/** What was written. */
export interface Written {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes a part to a new file, making its late pieces one at a time: no more than the largest of them is in memory.
 * @throws TalkError resource/no-space, resource/write; what a piece throws when it is made
 */
export async function writePart(path: string, part: Part): Promise<Written> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx').catch((cause: unknown) => {
    throw failed(path, cause);
  });
  let bytes = 0;
  let waiting: Uint8Array[] = [];
  let size = 0;
  const flush = async () => {
    const chunk = waiting.length === 1 ? (waiting[0] ?? new Uint8Array(0)) : Buffer.concat(waiting);
    waiting = [];
    size = 0;
    hash.update(chunk);
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, done).catch((cause: unknown) => {
        throw failed(path, cause);
      });
      done += bytesWritten;
    }
    bytes += chunk.length;
  };
  try {
    for (const piece of part) {
      const data = piece instanceof Uint8Array ? piece : await piece.make();
      if (data.byteLength !== piece.byteLength) {
        throw new RangeError(`Expected ${piece.byteLength} bytes but received ${data.byteLength}.`);
      }
      waiting.push(data);
      size += data.length;
      if (size >= CHUNK) await flush();
    }
    await flush();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** The SHA-256 of a file, hexadecimal. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function failed(path: string, cause: unknown): TalkError {
  const { code } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new TalkError(
    full ? 'resource/no-space' : 'resource/write',
    full ? `There is no space left for ${path}.` : `${path} cannot be written.`,
    { details: { path }, cause },
  );
}
