import { Worker } from 'node:worker_threads';
import { TalkError } from '../element/error.js';
import { AVATAR_COLOUR } from '../picture/colour.js';
import { type Box, cropPicture, pictureBytes, pictureIn } from '../picture/picture.js';
import type { DecodedFrame, DecodeJob } from './decode.js';

/** Bytes all open avatars of the process may take; `TALKGRAPH_AVATAR_MEMORY` (megabytes) sets another limit. */
export function memoryLimit(): number {
  const megabytes = Number(process.env['TALKGRAPH_AVATAR_MEMORY'] ?? 1024);
  return (Number.isFinite(megabytes) && megabytes > 0 ? megabytes : 1024) * 1024 * 1024;
}

/** Crops are kept for so many sizes at a time: a process runs one or two models. */
const CROP_SIZES = 2;

/** The decoded pictures of one avatar, shared by all who have it open. */
export class Pictures {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly Uint8Array[];
  readonly boxes: readonly Box[];
  readonly #crops = new Map<number, (Uint8Array | undefined)[]>();

  constructor(size: DecodeJob['to'], frames: readonly Uint8Array[], boxes: readonly Box[]) {
    this.width = size.width;
    this.height = size.height;
    this.frames = frames;
    this.boxes = boxes;
  }

  /** The BGR square under the box of a frame; made on first use (0.4 ms at 96), then kept. */
  crop(frame: number, size: number): Uint8Array {
    let kept = this.#crops.get(size);
    if (!kept) {
      kept = new Array<Uint8Array | undefined>(this.frames.length);
      const [oldest] = this.#crops.keys();
      if (this.#crops.size >= CROP_SIZES && oldest !== undefined) this.#crops.delete(oldest);
      this.#crops.set(size, kept);
    }
    kept[frame] ??= cropPicture(
      pictureIn(this.frames[frame]!, this.width, this.height),
      this.boxes[frame]!,
      size,
      'BGR',
      AVATAR_COLOUR,
    );
    return kept[frame]!;
  }
}

interface Entry {
  readonly pictures: Promise<Pictures>;
  readonly bytes: number;
  users: number;
}

const open = new Map<string, Entry>();
let queue: Promise<unknown> = Promise.resolve();

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
  if (entry.users <= 0) open.delete(key);
}

function load(job: DecodeJob, label: string): Promise<Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const frames = new Array<Uint8Array>(job.files.length);
    let missing = job.files.length;
    const worker = new Worker(new URL('./decode.js', import.meta.url), { workerData: job });
    const fail = (error: TalkError) => {
      reject(error);
      void worker.terminate();
    };
    worker.on('message', (message: DecodedFrame) => {
      if ('data' in message) {
        frames[message.frame] = message.data;
        missing--;
        if (missing === 0) resolve(frames);
        return;
      }
      const { from, background } = job;
      const file = message.frame < 0 && 'file' in background ? background.file : job.files[message.frame]!;
      fail(
        message.problem === 'size'
          ? new TalkError(
              'stream/format',
              `Avatar "${label}": ${file} measures ${message.text}, but avatar.yaml says ${from.width}x${from.height}. Correct the one or the other.`,
              { details: { file, frame: message.frame } },
            )
          : new TalkError(
              'stream/decode',
              `Avatar "${label}": ${file} is not a picture that can be read. Write it again as WebP, PNG or JPEG.`,
              { details: { file, frame: message.frame }, debug: message.text },
            ),
      );
    });
    worker.once('error', (cause) =>
      fail(new TalkError('stream/decode', `Avatar "${label}": its pictures could not be read.`, { cause })),
    );
    worker.once('exit', () => {
      if (missing > 0)
        reject(new TalkError('stream/decode', `Avatar "${label}": reading its pictures stopped half-way.`));
    });
  });
}
