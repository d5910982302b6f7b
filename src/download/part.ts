import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { writeError } from '../element/fileerror.js';

/** What is known about the file of which a part is here. */
interface Origin {
  readonly url: string;
  /** The server's name for this version of it. */
  readonly etag: string;
}

/** The part of a file that has come so far: `NAME.part`, and `NAME.part.json`, which says of what. */
export class Part {
  readonly #to: string;
  readonly #path: string;
  #file: FileHandle | undefined;
  #hash: Hash = createHash('sha256');
  /** Bytes that are here. */
  bytes = 0;
  #origin: Origin | undefined;

  private constructor(to: string) {
    this.#to = to;
    this.#path = `${to}.part`;
  }

  /** What an earlier try left, if it was of the same address. */
  static async open(to: string, url: string): Promise<Part> {
    const part = new Part(to);
    const origin = await readFile(`${part.#path}.json`, 'utf8').then(
      (text) => JSON.parse(text) as Origin,
      () => undefined,
    );
    const size = (await stat(part.#path).catch(() => undefined))?.size ?? 0;
    if (origin?.url === url && origin.etag !== '' && size > 0) {
      for await (const piece of createReadStream(part.#path)) part.#hash.update(piece as Buffer);
      part.bytes = size;
      part.#origin = origin;
    }
    return part;
  }

  /** The version that the part is of; a server that has another one sends all of it. */
  get etag(): string | undefined {
    return this.bytes > 0 ? this.#origin?.etag : undefined;
  }

  /** The next bytes begin at `from`: where the part ends, or the whole file anew. @throws TalkError resource/write */
  async begin(origin: Origin, from: number): Promise<void> {
    await this.#file?.close();
    if (from === 0) {
      this.bytes = 0;
      this.#hash = createHash('sha256');
    }
    this.#origin = origin;
    await this.#trying(async () => {
      await writeFile(`${this.#path}.json`, JSON.stringify(origin));
      this.#file = await open(this.#path, from === 0 ? 'w' : 'a');
    });
  }

  /** @throws TalkError resource/no-space, resource/write */
  async add(piece: Uint8Array): Promise<void> {
    const file = this.#file;
    if (file === undefined) throw new TypeError('Expected a part that has begun.');
    await this.#trying(async () => {
      for (let done = 0; done < piece.length; ) {
        const { bytesWritten } = await file.write(piece, done);
        done += bytesWritten;
      }
    });
    this.#hash.update(piece);
    this.bytes += piece.length;
  }

  /** SHA-256 of what is here. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** It is whole: it gets its name. */
  async keep(): Promise<void> {
    await this.close();
    await rename(this.#path, this.#to);
    await rm(`${this.#path}.json`, { force: true });
  }

  /** It is worth nothing: nothing of it stays. */
  async discard(): Promise<void> {
    await this.close();
    await Promise.all([rm(this.#path, { force: true }), rm(`${this.#path}.json`, { force: true })]);
  }

  /** It stays for the next try. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #trying(doing: () => Promise<void>): Promise<void> {
    await doing().catch((cause: unknown) => {
      throw writeError(cause, this.#to, `${Math.round(this.bytes / 1e6)} MB of it are here and are kept`);
    });
  }
}
