import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { TalkError } from '../element/error.js';
import { AVATAR_COLOUR } from '../picture/colour.js';
import { type Box, cropPicture, pictureBytes, pictureIn } from '../picture/picture.js';
import type { Album, DecodedFrame, DecodeJob, Share } from './decode.js';

/** Bytes all open avatars of the process may take; `TALKGRAPH_AVATAR_MEMORY` (megabytes) sets another limit. */
export function memoryLimit(): number {
  const megabytes = Number(process.env['TALKGRAPH_AVATAR_MEMORY'] ?? 1024);
  return (Number.isFinite(megabytes) && megabytes > 0 ? megabytes : 1024) * 1024 * 1024;
}

/** The decoded pictures of one avatar, shared by all who have it open. */
export class Pictures {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly Uint8Array[];
  readonly boxes: readonly Box[];

  constructor(size: DecodeJob['to'], frames: readonly Uint8Array[], boxes: readonly Box[]) {
    this.width = size.width;
    this.height = size.height;
    this.frames = frames;
    this.boxes = boxes;
  }

  /** The BGR square under the box of a frame (0.4 ms at 96). */
  crop(frame: number, size: number): Uint8Array {
    const picture = pictureIn(this.frames[frame]!, this.width, this.height);
    return cropPicture(picture, this.boxes[frame]!, size, 'BGR', AVATAR_COLOUR);
  }
}

interface Entry {
  readonly pictures: Promise<Pictures>;
  readonly bytes: number;
  users: number;
}

const open = new Map<string, Entry>();
let queue: Promise<unknown> = Promise.resolve();

const releasedListeners: ((key: string) => void)[] = [];

/** Calls `listener` with the key of all pictures whose last user has gone: what was made of them can go, too. */
export function whenReleased(listener: (key: string) => void): void {
  releasedListeners.push(listener);
}

/** What is open now: for tests and metrics. */
export function storeUse(): { avatars: number; bytes: number } {
  let bytes = 0;
  for (const entry of open.values()) bytes += entry.bytes;
  return { avatars: open.size, bytes };
}

/**
 * Takes a share in the pictures of `key`, decoding them if nobody has them yet.
 * Every successful call must be followed by one `release`.
 * @throws TalkError resource/quota when they would not fit, stream/decode or stream/format when a file is bad
 */
export async function acquire(
  key: string,
  job: DecodeJob,
  boxes: readonly Box[],
  label: string,
): Promise<Pictures> {
  let entry = open.get(key);
  if (!entry) {
    const bytes = pictureBytes(job.to.width, job.to.height) * job.files.length;
    const limit = memoryLimit();
    if (storeUse().bytes + bytes > limit) {
      const mb = (n: number) => Math.ceil(n / 1048576);
      throw new TalkError(
        'resource/quota',
        `Avatar "${label}" needs ${mb(bytes)} MB; all avatars together may take ${mb(limit)} MB and ${mb(storeUse().bytes)} MB are in use. ` +
          'Use fewer or smaller frames, or raise TALKGRAPH_AVATAR_MEMORY (megabytes).',
        { details: { bytes, limit }, retryable: storeUse().bytes > 0 },
      );
    }
    // One at a time: two would only share the same cores and hold twice the scratch memory.
    const pictures = queue.then(() => load(job, label)).then((frames) => new Pictures(job.to, frames, boxes));
    const over = () => undefined; // not the pictures: the queue must not keep them
    queue = pictures.then(over, over);
    entry = { pictures, bytes, users: 0 };
    open.set(key, entry);
  }
  entry.users++;
  try {
    return await entry.pictures;
  } catch (error) {
    release(key, entry.pictures);
    throw error;
  }
}

/** Gives a share back; the last one frees the memory. */
export function release(key: string, whose?: Promise<Pictures>): void {
  const entry = open.get(key);
  if (!entry || (whose && entry.pictures !== whose)) return;
  entry.users--;
  if (entry.users > 0) return;
  open.delete(key);
  for (const listener of releasedListeners) listener(key);
}

/** Pictures it is worth starting one more thread for. */
const SHARE = 32;

/** Decodes all pictures, in a thread for each core. */
function load(job: DecodeJob, label: string): Promise<Uint8Array[]> {
  const threads = Math.max(1, Math.min(availableParallelism(), Math.ceil(job.files.length / SHARE)));
  const each = pictureBytes(job.to.width, job.to.height);
  const album: Album = { memory: new SharedArrayBuffer(each * job.files.length), each };
  let missing = job.files.length;
  return new Promise((resolve, reject) => {
    let running = threads;
    const workers = Array.from({ length: threads }, (_, first) => {
      const share: Share = { first, step: threads };
      return new Worker(new URL('./decode.js', import.meta.url), { workerData: { job, share, album } });
    });
    const fail = (error: TalkError) => {
      reject(error);
      for (const worker of workers) void worker.terminate();
    };
    for (const worker of workers) {
      worker.on('message', (message: DecodedFrame) => {
        if (message.problem !== undefined) return fail(problem(message, job, label));
        missing--;
        if (missing === 0) resolve(job.files.map((_, n) => new Uint8Array(album.memory, n * each, each)));
      });
      worker.once('error', (cause) =>
        fail(new TalkError('stream/decode', `Avatar "${label}": its pictures could not be read.`, { cause })),
      );
      worker.once('exit', () => {
        running--;
        if (running === 0 && missing > 0)
          reject(new TalkError('stream/decode', `Avatar "${label}": reading its pictures stopped half-way.`));
      });
    }
  });
}

function problem(
  { frame, problem: kind, text }: Extract<DecodedFrame, { problem: string }>,
  { files, from, background }: DecodeJob,
  label: string,
): TalkError {
  const file = frame < 0 && 'file' in background ? background.file : files[frame]!;
  if (kind === 'size') {
    return new TalkError(
      'stream/format',
      `Avatar "${label}": ${file} measures ${text}, but avatar.yaml says ${from.width}x${from.height}. Correct the one or the other.`,
      { details: { file, frame } },
    );
  }
  return new TalkError(
    'stream/decode',
    `Avatar "${label}": ${file} is not a picture that can be read. Write it again as WebP, PNG or JPEG.`,
    { details: { file, frame }, debug: text },
  );
}
