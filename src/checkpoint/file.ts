import { type FileHandle, open } from 'node:fs/promises';
import { TalkError } from '../element/error.js';

/** A piece of a file. */
export interface Extent {
  /** First byte, from the start of the file. */
  readonly at: number;
  /** How many bytes. */
  readonly bytes: number;
}

/** What is wrong with a file's content: `stream/format` with the path as detail, and what to do when that is known. */
export function damaged(path: string, what: string, advice = ''): TalkError {
  return new TalkError('stream/format', `${path}: ${what}${advice === '' ? '' : ` ${advice}`}`, {
    details: { path },
  });
}

/**
 * A file that is read where it is looked at: checkpoints are hundreds of megabytes, most of which (optimizer state)
 * nobody wants.
 */
export class LazyFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /** @throws TalkError resource/not-found, resource/read, resource/not-authorized */
  static async open(path: string): Promise<LazyFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT') {
        throw new TalkError('resource/not-found', `There is no file ${path}.`, { details: { path }, cause });
      }
      const kind = code === 'EACCES' ? 'resource/not-authorized' : 'resource/read';
      throw new TalkError(kind, `${path} cannot be read.`, { details: { path }, cause });
    }
    const stat = await handle.stat();
    if (stat.isFile()) return new LazyFile(path, stat.size, handle);
    await handle.close();
    throw new TalkError('resource/read', `${path} is no file.`, { details: { path } });
  }

  /**
   * Reads exactly `bytes` bytes.
   * @throws TalkError stream/format when the file does not reach that far, resource/read
   */
  async read({ at, bytes }: Extent): Promise<Uint8Array<ArrayBuffer>> {
    this.demand({ at, bytes }, 'data');
    const into = new Uint8Array(bytes);
    for (let done = 0; done < bytes; ) {
      const { bytesRead } = await this.#handle
        .read(into, done, bytes - done, at + done)
        .catch((cause: unknown) => {
          throw new TalkError('resource/read', `${this.path} cannot be read.`, { cause });
        });
      if (bytesRead === 0) throw this.#short('data', { at, bytes });
      done += bytesRead;
    }
    return into;
  }

  /** Throws stream/format when an extent is not inside the file; `what` says whose. */
  demand({ at, bytes }: Extent, what: string): void {
    if (Number.isSafeInteger(at) && Number.isSafeInteger(bytes) && at >= 0 && bytes >= 0) {
      if (at + bytes <= this.size) return;
    }
    throw this.#short(what, { at, bytes });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #short(what: string, { at, bytes }: Extent): TalkError {
    return damaged(
      this.path,
      `the file is cut off or damaged: ${what} would be bytes ${at} to ${at + bytes}, the file has ${this.size}.`,
      'Fetch or copy it again.',
    );
  }
}
