/** Compressed speech to samples while it arrives: one small GStreamer pipeline for each stream. */
import { TalkError } from '../../element/error.js';
import { BoundedQueue } from '../../element/queue.js';
import { Pipeline } from '../../graph/pipeline.js';
import type { Feed } from '../../graph/samples.js';
import type { SpeechPiece } from '../engine.js';
import { TAIL, Tap } from '../tap.js';

/** Decoders by what they take. No type finding: what it is is known, and finding it out costs the first sound 10 ms. `opus`: packets. */
const CHAINS = {
  opus: { caps: 'audio/x-opus, channel-mapping-family=0, channels=1, rate=48000', line: 'opusdec' },
  mp3: { caps: 'audio/mpeg, mpegversion=1, layer=3', line: 'mpegaudioparse ! mpg123audiodec' },
  flac: { caps: 'audio/x-flac', line: 'flacparse ! flacdec' },
  'ogg/opus': { caps: 'application/ogg', line: 'oggdemux ! opusdec' },
  'ogg/vorbis': { caps: 'application/ogg', line: 'oggdemux ! vorbisdec' },
  'ogg/flac': { caps: 'application/ogg', line: 'oggdemux ! flacparse ! flacdec' },
} as const;

export type Compressed = keyof typeof CHAINS;

/**
 * Bytes that may wait in front of the decoder: half a minute of speech, so that a fast service is let go early. Of packets, which are made
 * while they are sent, next to nothing.
 */
const LIMIT = 1 << 18;
const PACKETS = 1024;

/**
 * Decodes a stream. The samples come as soon as they are made, at the stream's own rate, mono. Ends early when the signal aborts;
 * what `bytes` throws comes behind the samples made before it. Throws TalkError `stream/decode` for what is no such stream.
 */
export async function* decodeCompressed(
  kind: Compressed,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<SpeechPiece, void, undefined> {
  if (signal.aborted) return;
  const { caps, line } = CHAINS[kind];
  const packets = kind === 'opus';
  const format = packets ? 'time' : 'bytes';
  const pipeline = Pipeline.launch(`appsrc name=in format=${format} caps="${caps}" ! ${line} ! ${TAIL}`);
  const queue = new BoundedQueue<SpeechPiece>(Number.POSITIVE_INFINITY);
  const close = (): void => queue.close();
  signal.addEventListener('abort', close, { once: true });
  const source = bytes[Symbol.asyncIterator]();
  try {
    const tap = new Tap(pipeline.element('out'), queue);
    const feed = pipeline.element('in').feed({ limit: packets ? PACKETS : LIMIT });
    let failure: { reason: unknown } | undefined;
    // Half a stream is broken for the decoder, too; what broke it off is the reason.
    const fail = (error: unknown): void =>
      queue.fail(failure === undefined ? broken(error, kind) : failure.reason);
    pipeline.on('error', fail);
    pipeline.on('eos', () => (failure === undefined ? queue.end() : queue.fail(failure.reason)));
    pipeline.play().catch(fail);
    void fill(feed, source, signal).then((reason) => {
      failure = reason;
      // Closed meanwhile: nobody waits for the end.
      if (!pipeline.closed) feed.end();
    });
    for await (const piece of queue) {
      tap.taken(piece.samples.length);
      yield piece;
    }
  } finally {
    signal.removeEventListener('abort', close);
    await pipeline.close();
    // Not awaited: it may be waiting for a server that says nothing more.
    source.return?.()?.catch(() => undefined);
  }
}

/** Puts the bytes in as they come. Resolves at their end, with what broke them off. */
async function fill(
  feed: Feed,
  source: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
): Promise<{ reason: unknown } | undefined> {
  try {
    for (let step = await source.next(); step.done !== true; step = await source.next()) {
      if (signal.aborted || (await feed.push(step.value)) !== 'ok') return undefined;
    }
    return undefined;
  } catch (reason) {
    return { reason };
  }
}

/** GStreamer names the element that gave up; a listener wants to know what is wrong with the stream. */
function broken(cause: unknown, kind: Compressed): TalkError {
  const debug = cause instanceof TalkError ? `${cause.code} ${cause.message} ${cause.debug}` : String(cause);
  return new TalkError(
    'stream/decode',
    `Expected ${kind} but received something that cannot be decoded as it.`,
    {
      cause,
      debug,
    },
  );
}
