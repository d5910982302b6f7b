/** Videos as pictures, by GStreamer: whatever it has a decoder for, upright, as fast as they are taken. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TalkError } from '../element/error.js';
import { Pipeline } from '../graph/pipeline.js';
import { isText } from '../graph/playlist.js';
import type { Sample } from '../graph/samples.js';
import { onlySamples } from './samples.js';

/** What is known of a video. */
export interface VideoFacts {
  /** Pixels as a player shows them: upright and square. */
  readonly width: number;
  readonly height: number;
  /** Width of a stored pixel in parts of its height. */
  readonly aspect: number;
  /** Nanoseconds, as far as it says. */
  readonly duration: number | undefined;
}

/** A part of a video's picture, pixels as a player shows them. */
export interface Cutout {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What a video becomes. */
export interface VideoForm {
  readonly width: number;
  readonly height: number;
  /** Pictures a second; some come twice, or are left out. */
  readonly rate: string;
  /** GStreamer's way to scale: `lanczos` is the sharpest, `bilinear2` takes a third of the time. */
  readonly scale: 'lanczos' | 'bilinear2';
  /** What else their caps say. */
  readonly how?: string;
}

/** Decoded, and turned as its tags say. Nothing but sound is an error, and sound beside pictures is left alone. */
const UPRIGHT =
  'uridecodebin name=in caps=video/x-raw(ANY) expose-all-streams=false ! videoflip video-direction=auto';
const OUT = 'appsink name=out sync=false';

/**
 * Makes sure that something is a file and no text, which GStreamer may take for a playlist.
 * @throws TalkError resource/not-found, resource/read, stream/wrong-type
 */
export async function demandFile(file: string): Promise<void> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new TalkError('resource/not-found', `There is no file ${file}.`, { cause, details: { file } });
  });
  if (!found.isFile()) throw new TalkError('resource/read', `${file} is not a file.`, { details: { file } });
  if (await isText(file)) throw notSeen(file);
}

/** Looks at the first picture. @throws TalkError stream/wrong-type (nothing to see in it); the signal's reason */
export async function lookAtVideo(file: string, signal: AbortSignal): Promise<VideoFacts> {
  for await (const { caps, total } of play('identity', file, signal)) {
    const { num = 1, den = 1 } = (caps?.fields['pixel-aspect-ratio'] ?? {}) as { num?: number; den?: number };
    // Pixels that are not square become so across, as a player shows them.
    const aspect = num / den;
    const width = Math.round(Number(caps?.fields['width']) * aspect);
    const height = Number(caps?.fields['height']);
    return { width, height, aspect, duration: total };
  }
  throw notSeen(file);
}

/**
 * The pictures of a part of a video, I420, from the first to the last.
 * @throws TalkError stream/wrong-type, stream/decode where it is broken further on; the signal's reason
 */
export async function* videoPictures(
  file: string,
  facts: VideoFacts,
  { left, top, width, height }: Cutout,
  to: VideoForm,
  signal: AbortSignal,
): AsyncGenerator<Sample, void, undefined> {
  const across = (pixels: number) => Math.round(pixels / facts.aspect);
  const right = facts.width - left - width;
  const bottom = facts.height - top - height;
  const how = to.how === undefined ? '' : `, ${to.how}`;
  const line =
    `videocrop left=${across(left)} top=${top} right=${across(right)} bottom=${bottom} ! ` +
    `videorate ! video/x-raw, framerate=${to.rate} ! videoscale method=${to.scale} add-borders=false n-threads=2 ! ` +
    `videoconvert n-threads=2 ! video/x-raw, format=I420, width=${to.width}, height=${to.height}, pixel-aspect-ratio=1/1${how}`;
  yield* play(line, file, signal);
}

async function* play(line: string, file: string, signal: AbortSignal) {
  const pipeline = Pipeline.launch(`${UPRIGHT} ! ${line} ! ${OUT}`);
  let begun = false;
  try {
    pipeline.element('in').set('uri', pathToFileURL(file).href);
    let total: number | undefined;
    for await (const sample of onlySamples(pipeline, signal)) {
      if (!begun) total = pipeline.duration();
      begun = true;
      yield { ...sample, total };
    }
  } catch (cause) {
    if (signal.aborted) throw cause;
    const name = basename(file);
    const debug =
      cause instanceof TalkError ? `${cause.code} ${cause.message} ${cause.debug}` : String(cause);
    throw begun
      ? new TalkError('stream/decode', `The video ${name} is broken.`, { cause, debug })
      : new TalkError('stream/wrong-type', `There is no picture in ${name} that can be decoded.`, {
          cause,
          debug,
        });
  } finally {
    await pipeline.close();
  }
}

function notSeen(file: string): TalkError {
  return new TalkError('stream/wrong-type', `There is no picture in ${basename(file)}.`, {
    details: { file },
  });
}
