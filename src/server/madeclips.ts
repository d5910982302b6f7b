/** Clips that were made for sessions: kept for the next ones, as long as there is room. */
import { existsSync } from 'node:fs';
import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { TalkError } from '../element/index.js';

/** What a maker that was killed has left is nobody's after this, ms. */
const ABANDONED = 24 * 3_600_000;

/**
 * A folder of clips, each made once and named by what it was made of. It holds so many bytes at most: of those that no
 * session of this process has, the longest unused go first; with nothing left to go, no more are made.
 *
 * The time of a clip's folder is when it was used last, for all servers that share the folder.
 */
export class MadeClips {
  readonly #folder: string;
  readonly #limit: number;
  /** Sessions that have it, by its id. */
  readonly #users = new Map<string, number>();
  /** Bytes of each; what is in one does not change. */
  readonly #bytes = new Map<string, number>();
  /** One after the other: coding pictures leaves cores to those who speak. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param limit bytes */
  constructor(folder: string, limit = clipLimit()) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /**
   * The folder of a clip, which stays until `drop`.
   * @param make writes it into a folder of clips, if nobody did before
   * @throws TalkError resource/quota when it does not fit beside those in use; what `make` throws. It is not held then
   */
  async take(id: string, make: (root: string) => Promise<unknown>): Promise<string> {
    this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
    const turn = this.#turn.then(() => this.#have(id, make));
    this.#turn = turn.catch(() => undefined);
    try {
      await turn;
    } catch (error) {
      this.drop(id);
      throw error;
    }
    return join(this.#folder, id);
  }

  /** A session that took it has ended. */
  drop(id: string): void {
    const users = (this.#users.get(id) ?? 0) - 1;
    if (users > 0) this.#users.set(id, users);
    else this.#users.delete(id);
  }

  async #have(id: string, make: (root: string) => Promise<unknown>): Promise<void> {
    const folder = join(this.#folder, id);
    if (!existsSync(folder)) {
      await make(this.#folder).catch((error: unknown) => {
        // Another server of the same folder may have been quicker.
        if (!existsSync(folder)) throw error;
      });
    }
    const now = new Date();
    await utimes(folder, now, now);
    if (await this.#prune()) return;
    if ((this.#users.get(id) ?? 0) <= 1) await this.#remove(id);
    throw new TalkError(
      'resource/quota',
      `There is no room for this clip beside those in use: all together may take ${Math.round(this.#limit / 1e6)} MB. TALKGRAPH_CLIPS (megabytes) allows more.`,
      { details: { limit: this.#limit }, retryable: true },
    );
  }

  /** Makes room. False when what is in use takes more than there is. */
  async #prune(): Promise<boolean> {
    const names = await readdir(this.#folder);
    const found = await Promise.all(
      names.map(async (id) => ({ id, used: (await stat(join(this.#folder, id))).mtimeMs })),
    );
    const clips: typeof found = [];
    for (const entry of found.sort((a, b) => a.used - b.used)) {
      if (!entry.id.startsWith('.')) clips.push(entry);
      else if (entry.used < Date.now() - ABANDONED) await this.#remove(entry.id);
    }
    let total = 0;
    for (const { id } of clips) total += await this.#size(id);
    for (const { id } of clips) {
      if (total <= this.#limit) return true;
      if (this.#users.has(id)) continue;
      total -= await this.#size(id);
      await this.#remove(id);
    }
    return total <= this.#limit;
  }

  async #remove(id: string): Promise<void> {
    this.#bytes.delete(id);
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }

  async #size(id: string): Promise<number> {
    const known = this.#bytes.get(id);
    if (known !== undefined) return known;
    let bytes = 0;
    const entries = await readdir(join(this.#folder, id), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
    }
    this.#bytes.set(id, bytes);
    return bytes;
  }
}

/** Bytes of all clips: 4000 MB, or what `TALKGRAPH_CLIPS` says (megabytes). */
function clipLimit(): number {
  const megabytes = Number(process.env['TALKGRAPH_CLIPS'] ?? 4000);
  return (megabytes > 0 ? megabytes : 4000) * 1e6;
}
