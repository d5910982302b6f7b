/** Whether the weights of a model are those that its manifest speaks of. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { TalkError } from '../element/error.js';
import type { Net } from './net.js';

/** Bytes that are read at a time: hashing them keeps the thread for less than a millisecond. */
const CHUNK = 2 ** 18;
/** Bytes between two words about it. */
const TOLD = 2 ** 26;

/**
 * Makes sure that the weights are there and are the ones the manifest speaks of.
 * @param progress told the bytes that were looked at, and how many there are
 * @returns how many bytes they are
 * @throws TalkError resource/not-found, resource/read
 */
export async function verifyWeights(
  net: Pick<Net, 'name' | 'path' | 'sha256' | 'weights' | 'next'>,
  progress: (bytes: number, of: number) => void = () => undefined,
): Promise<number> {
  const { name } = net;
  const all = [net, ...(net.next ?? [])].flatMap((one) => [one, ...(one.weights ?? [])]);
  // One that runs twice is read once.
  const files = [...new Map(all.map((one) => [one.path, one])).values()];
  const sizes = await Promise.all(files.map((file) => sizeOf(name, file.path)));
  const of = sizes.reduce((sum, size) => sum + size, 0);
  let done = 0;
  for (const [i, file] of files.entries()) {
    const before = done;
    await verifyFile(name, file.path, file.sha256, (bytes) => progress(before + bytes, of));
    done += sizes[i] ?? 0;
  }
  return of;
}

async function sizeOf(name: string, path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    throw new TalkError(
      'resource/not-found',
      `The model ${name} has a manifest but no weights: ${path} is missing.`,
      {
        details: { model: name, path },
      },
    );
  }
  return found.size;
}

async function verifyFile(
  name: string,
  path: string,
  sha256: string | undefined,
  progress: (bytes: number) => void,
): Promise<void> {
  if (sha256 === undefined) return;
  const hash = createHash('sha256');
  let [done, told] = [0, 0];
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    done += chunk.length;
    if (done - told < TOLD) continue;
    told = done;
    progress(done);
  }
  const digest = hash.digest('hex');
  if (digest === sha256) return;
  throw new TalkError('resource/read', `The weights of the model ${name} are damaged or another version.`, {
    debug: `${path}: sha256 ${digest}, the manifest says ${sha256}`,
    details: { model: name, path },
  });
}
