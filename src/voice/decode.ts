/**
 * Recorded sound to samples, by GStreamer: anything it has a decoder for, streamed.
 *
 * It is decoded at its own rate and converted by our own resampler: `audioresample` drops a sample or two at the end (2 s of
 * 22,050 Hz gave 95,998 samples at 48,000 instead of 96,000). A reader who is slower than the decoder stops it: the
 * pipeline waits with a few buffers in hand.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TalkError } from '../element/error.js';
import { BoundedQueue } from '../element/queue.js';
import { Pipeline } from '../graph/pipeline.js';
import { isText } from '../graph/playlist.js';
import type { SpeechPiece } from './engine.js';
import { TAIL, Tap } from './tap.js';

const LINE = `uridecodebin name=in caps=audio/x-raw expose-all-streams=false ! ${TAIL}`;

/**
 * The first sound track of a file, mono, at its own rate. Ends early when the signal aborts. Throws TalkError: `resource/not-found`
 * (no such file), `resource/read` (it may not be read, or is a folder), `stream/wrong-type` (no sound in it that can be
 * decoded), `stream/decode` (broken further on). Which paths may be read at all is the caller's decision.
 */
export async function* decodeFile(
  path: string,
  signal: AbortSignal,
): AsyncGenerator<SpeechPiece, void, undefined> {
  await checkFile(path);
  if (signal.aborted) return;
  const pipeline = Pipeline.launch(LINE);
  const queue = new BoundedQueue<SpeechPiece>(Number.POSITIVE_INFINITY);
  const close = (): void => queue.close();
  signal.addEventListener('abort', close, { once: true });
  let count = 0;
  try {
    pipeline.element('in').set('uri', pathToFileURL(path).href);
    const tap = new Tap(pipeline.element('out'), queue);
    pipeline.on('error', (error) => queue.fail(error));
    pipeline.on('eos', () => queue.end());
    // Its failure is told by the event as well, after the samples that were made before it.
    pipeline.play().catch((error: unknown) => queue.fail(error));
    for await (const piece of queue) {
      tap.taken(piece.samples.length);
      count += piece.samples.length;
      yield piece;
    }
  } catch (cause) {
    throw broken(cause, path, count > 0);
  } finally {
    signal.removeEventListener('abort', close);
    await pipeline.close();
  }
}

async function checkFile(path: string): Promise<void> {
  const name = basename(path);
  try {
    const file = await stat(path);
    if (!file.isFile()) throw new TalkError('resource/read', `${name} is not a file.`);
    await access(path, constants.R_OK);
    if (await isText(path)) {
      throw new TalkError('stream/wrong-type', `${name} is text, perhaps a playlist, and no sound.`);
    }
  } catch (cause) {
    if (cause instanceof TalkError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new TalkError('resource/not-found', `There is no file ${name}.`, { cause });
    }
    throw new TalkError('resource/read', `The file ${name} cannot be read.`, { cause });
  }
}

/** GStreamer names the element that gave up; a listener wants to know what is wrong with the file. */
function broken(cause: unknown, path: string, begun: boolean): TalkError {
  const name = basename(path);
  const debug = cause instanceof TalkError ? `${cause.code} ${cause.message} ${cause.debug}` : String(cause);
  return begun
    ? new TalkError('stream/decode', `The sound of ${name} is broken.`, { cause, debug })
    : new TalkError('stream/wrong-type', `There is no sound in ${name} that can be decoded.`, {
        cause,
        debug,
      });
}
