/** Recordings of sessions: one file for each, MP4, there once it is finished, and its captions beside it where they were asked for. */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { avatarsFolder } from '../avatar/index.js';
import { logger, TalkError, toTalkError } from '../element/index.js';
import type { Session } from '../session/session.js';

/** Hours after which a recording that nobody ended ends. */
const LONGEST = 4;

/** What is said, besides the sound: a text track, a file of WebVTT beside the recording, or both. */
export type CaptionsOf = 'none' | 'track' | 'file' | 'both';

/** What a wish for captions means: true is a track, as it was before there were others. */
export const captionsOf = (wish: boolean | CaptionsOf | null | undefined): CaptionsOf =>
  wish === true ? 'track' : wish || 'none';

/** What a session leaves: its recording, or what was said in it. */
export type RecordedAs = 'mp4' | 'vtt';

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
   * @param captions with what is said
   * @throws TalkError what the recording complains of
   */
  async start(session: Session, captions: CaptionsOf = 'none'): Promise<void> {
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
  async file(id: string, as: RecordedAs = 'mp4'): Promise<string | undefined> {
    // What is no id of a session is no name of a file either.
    if (!/^[A-Za-z0-9-]{1,64}$/.test(id)) return undefined;
    const found = await stat(join(this.folder, `${id}.${as}`)).catch(() => undefined);
    return found?.isFile() === true ? `${id}.${as}` : undefined;
  }

  async #begin(session: Session, captions: CaptionsOf): Promise<Recording> {
    await mkdir(this.folder, { recursive: true }).catch((cause: unknown) => {
      throw new TalkError('resource/write', 'The folder for recordings cannot be made.', { cause });
    });
    const part = join(this.folder, `.${session.id}.part.mp4`);
    const detach = await session.attach('recordsink', { location: part, captions });
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
      const said = part.replace(/mp4$/, 'vtt');
      if (size > 0) {
        // First what is beside it: whoever sees the recording finds that, too. There is none where nobody asked for it.
        await rename(said, join(this.folder, `${session.id}.vtt`)).catch(() => undefined);
        await rename(part, join(this.folder, `${session.id}.mp4`));
      } else await Promise.all([part, said].map((file) => rm(file, { force: true })));
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
