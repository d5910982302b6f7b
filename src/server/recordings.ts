/** Recordings of sessions: one file for each, MP4, there once it is finished, and its captions beside it where they were asked for. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { avatarsFolder } from '../avatar/index.js';
import { atMost } from '../element/atmost.js';
import { logger, TalkError, toTalkError } from '../element/index.js';
import type { Session } from '../session/session.js';
import type { SessionEvent } from './contract/events.js';

/** What is no id of a session is no name of a file either. */
const ID = /^[A-Za-z0-9-]{1,64}$/;

/** ms that the end of a session waits for its recording: what comes later is not in it, and what is there can be played. */
const LAST_WORDS = 2000;

/** Hours after which a recording that nobody ended ends. */
const LONGEST = 4;

/** What is said, besides the sound: a text track, a file of WebVTT beside the recording, or both. */
export type CaptionsOf = 'none' | 'track' | 'file' | 'both';

/** What a wish for captions means: true is a track, as it was before there were others. */
export const captionsOf = (wish: boolean | CaptionsOf | null | undefined): CaptionsOf =>
  wish === true ? 'track' : wish || 'none';

/** What a session leaves: its recording, or what was said in it. */
export type RecordedAs = 'mp4' | 'vtt';

/** How a recording is cut into files, each of which plays alone. */
export interface SegmentWishes {
  readonly seconds?: number | undefined;
  readonly bytes?: number | undefined;
  /** Files at most, the one that is written included. */
  readonly keep?: number | undefined;
}

export interface RecordingWishes {
  /** With what is said. */
  readonly captions?: CaptionsOf;
  readonly segments?: SegmentWishes | undefined;
}

interface Recording {
  /** The file that gets its name at the end; undefined for segments, which have theirs from the beginning. */
  readonly part?: string | undefined;
  /** Number of the segment that is finished last. */
  readonly finished: () => number;
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
   * @throws TalkError what the recording complains of
   */
  async start(session: Session, wishes: RecordingWishes = {}): Promise<void> {
    const running = this.#running.get(session);
    if (running !== undefined) return void (await running);
    const begun = this.#begin(session, wishes);
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
    const recording = await this.#begun(session);
    if (recording === undefined) return;
    recording.ending ??= this.#finish(session, recording);
    await recording.ending;
  }

  /** Resolves when all files are there; none fails. Once the sessions are ended. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#running.keys()].map((session) => this.end(session)));
  }

  /** Name of the finished file in the folder; undefined while there is none. Of a session that has ended it is waited for. */
  async file(id: string, as: RecordedAs = 'mp4'): Promise<string | undefined> {
    if (!ID.test(id)) return undefined;
    const [ended] = [...this.#running.keys()].filter((one) => one.id === id && one.state !== 'running');
    if (ended !== undefined) await this.end(ended);
    const found = await stat(join(this.folder, `${id}.${as}`)).catch(() => undefined);
    return found?.isFile() === true ? `${id}.${as}` : undefined;
  }

  /** Numbers and sizes of a recording's segments that are finished and still there, in order. */
  async segments(id: string): Promise<{ readonly number: number; readonly bytes: number }[]> {
    const running = [...this.#running.keys()].find((session) => session.id === id);
    const last = (running && (await this.#begun(running)))?.finished() ?? Number.POSITIVE_INFINITY;
    return (await this.#written(id)).filter(({ number }) => number <= last);
  }

  /** The one under way, once it has begun; one that cannot is none: whoever began it has been told. */
  async #begun(session: Session): Promise<Recording | undefined> {
    return this.#running.get(session)?.catch(() => undefined);
  }

  /** Segments with what is being written. */
  async #written(id: string): Promise<{ number: number; bytes: number }[]> {
    if (!ID.test(id)) return [];
    const found: { number: number; bytes: number }[] = [];
    for (const file of await readdir(this.folder).catch(() => [])) {
      const end = file.startsWith(id) ? file.slice(id.length) : '';
      const number = Number(/^-(\d{5,})\.mp4$/.exec(end)?.[1] ?? 0);
      const bytes =
        number === 0 ? 0 : ((await stat(join(this.folder, file)).catch(() => undefined))?.size ?? 0);
      if (bytes > 0) found.push({ number, bytes });
    }
    return found.sort((a, b) => a.number - b.number);
  }

  /** Name of the file of such a segment in the folder; undefined while there is none. */
  async segment(id: string, number: string, as: RecordedAs = 'mp4'): Promise<string | undefined> {
    const known =
      /^\d{1,9}$/.test(number) && (await this.segments(id)).some((one) => one.number === Number(number));
    return known ? this.file(`${id}${numbered(Number(number))}`, as) : undefined;
  }

  async #begin(session: Session, { captions = 'none', segments }: RecordingWishes): Promise<Recording> {
    await mkdir(this.folder, { recursive: true }).catch((cause: unknown) => {
      throw new TalkError('resource/write', 'The folder for recordings cannot be made.', { cause });
    });
    const part = segments === undefined ? join(this.folder, `.${session.id}.part.mp4`) : undefined;
    const location = part ?? join(this.folder, `${session.id}.mp4`);
    let finished = segments === undefined ? Number.POSITIVE_INFINITY : 0;
    const hear = ({ name, fields }: { name: string; fields: Readonly<Record<string, unknown>> }) => {
      if (name === 'segment' && basename(String(fields['location'])).startsWith(`${session.id}-`))
        finished = Number(fields['number']);
    };
    const { pipeline } = session;
    if (segments !== undefined) {
      // What an earlier recording of this session has left would be taken for files of this one.
      for (const { number } of await this.#written(session.id))
        for (const as of ['mp4', 'vtt'])
          await rm(join(this.folder, `${session.id}${numbered(number)}.${as}`), { force: true });
      pipeline?.on('mark', hear);
    }
    const detach = await session
      .attach('recordsink', { location, captions, ...cutAs(segments) })
      .catch((error: unknown) => {
        pipeline?.off('mark', hear);
        throw error;
      });
    const timer = setTimeout(() => void this.end(session), LONGEST * 3_600_000);
    timer.unref();
    // A session that ends finishes its recording first, and whatever else holds it up, the file is there.
    const over = (event: SessionEvent) => {
      if (event.type === 'state' && event.state === 'ending') void this.end(session);
    };
    session.events.on('event', over);
    const stop = async () => {
      clearTimeout(timer);
      session.events.off('event', over);
      try {
        const detached = detach();
        if (session.state === 'running') await detached;
        else await atMost(detached, LAST_WORDS);
      } finally {
        pipeline?.off('mark', hear);
      }
    };
    return { part, finished: () => finished, stop };
  }

  async #finish(session: Session, { part, stop }: Recording): Promise<void> {
    try {
      await stop();
      if (part === undefined) return;
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

const numbered = (number: number): string => `-${String(number).padStart(5, '0')}`;

/** The same for `recordsink`; nothing for one file. */
function cutAs(wishes: SegmentWishes | undefined): Readonly<Record<string, number>> {
  if (wishes === undefined) return {};
  const { seconds = 0, bytes = 0, keep = 0 } = wishes;
  return { 'segment-time': Math.round(seconds * 1000), 'segment-size': bytes, segments: keep };
}
