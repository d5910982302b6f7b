/** Recordings of sessions: one file for each, MP4, there once it is finished. */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { avatarsFolder } from '../avatar/index.js';
import { logger, TalkError, toTalkError } from '../element/index.js';
import type { Session } from '../session/session.js';

/** Hours after which a recording that nobody ended ends. */
const LONGEST = 4;

interface Recording {
  readonly part: string;
  readonly stop: () => Promise<void>;
  /** Resolves when the file is there. */
  ending?: Promise<void>;
}

export class Recordings {
  /** Where they lie: `TALKGRAPH_RECORDS`, or `record` beside the avatars. */
  readonly folder = process.env['TALKGRAPH_RECORDS'] ?? join(dirname(avatarsFolder()), 'record');
  /** Those under way; what is about to begin counts. */
  readonly #running = new Map<Session, Promise<Recording>>();

  /** True from the first frame to the end of the file. */
  has(session: Session): boolean {
    return this.#running.has(session);
  }

  /**
   * Begins one; a session that is being recorded already goes on.
   *
   * @param captions with what is said as a text track
   * @throws TalkError what the recording complains of
   */
  async start(session: Session, captions = false): Promise<void> {
    const running = this.#running.get(session);
    if (running !== undefined) return void (await running);
    const begun = this.#begin(session, captions);
    this.#running.set(session, begun);
    try {
      await begun;
    } catch (error) {
      this.#running.delete(session);
      throw error;
    }
  }

  /** Finishes it; resolves when the file is there. Without one nothing happens. */
  async end(session: Session): Promise<void> {
    const recording = await this.#running.get(session);
    if (recording === undefined) return;
    recording.ending ??= this.#finish(session, recording);
    await recording.ending;
  }

  /** Resolves when all files are there; none fails. Once the sessions are ended. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#running.keys()].map((session) => this.end(session)));
  }

  /** Name of the finished file in the folder; undefined while there is none. */
  async file(id: string): Promise<string | undefined> {
    // What is no id of a session is no name of a file either.
    if (!/^[A-Za-z0-9-]{1,64}$/.test(id)) return undefined;
    const found = await stat(join(this.folder, `${id}.mp4`)).catch(() => undefined);
    return found?.isFile() === true ? `${id}.mp4` : undefined;
  }

  async #begin(session: Session, captions: boolean): Promise<Recording> {
    await mkdir(this.folder, { recursive: true }).catch((cause: unknown) => {
      throw new TalkError('resource/write', 'The folder for recordings cannot be made.', { cause });
    });
    const part = join(this.folder, `.${session.id}.part.mp4`);
    const detach = await session.attach('recordsink', {
      location: part,
      captions: captions ? 'track' : 'none',
    });
    const timer = setTimeout(() => void this.end(session), LONGEST * 3_600_000);
    timer.unref();
    // A session that ends finishes its recording first.
    session.events.on('event', (event) => {
      if (event.type === 'state' && event.state === 'ended') void this.end(session);
    });
    const stop = async () => {
      clearTimeout(timer);
      await detach();
    };
    return { part, stop };
  }

  async #finish(session: Session, { part, stop }: Recording): Promise<void> {
    try {
      await stop();
      const { size } = await stat(part);
      if (size > 0) await rename(part, join(this.folder, `${session.id}.mp4`));
      else await rm(part, { force: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // One that was cut before its first picture has left nothing.
      if (code !== 'ENOENT')
        logger({ session: session.id }).warn('a recording is not finished', {
          code: toTalkError(error).code,
        });
    } finally {
      this.#running.delete(session);
    }
  }
}
