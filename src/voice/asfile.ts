/** Speech as the bytes of a file, while it is made. */
import { TalkError } from '../element/error.js';
import { BoundedQueue } from '../element/queue.js';
import { waveHead } from '../element/wave.js';
import { Pipeline } from '../graph/pipeline.js';
import type { SpeechChunk } from './speak.js';

interface Format {
  /** Media type (IANA). */
  readonly type: string;
  /** Launch text from samples to the file; undefined for samples as they are. */
  readonly encode?: string;
}

/** The formats there are, by the names that OpenAI's speech interface has for them. */
export const FORMATS = {
  wav: { type: 'audio/wav' },
  /** 16 bits, little-endian, mono. */
  pcm: { type: 'audio/pcm' },
  mp3: { type: 'audio/mpeg', encode: 'lamemp3enc target=quality quality=2' },
  /** ADTS, which plays from wherever it is entered. */
  aac: {
    type: 'audio/aac',
    encode: 'avenc_aac bitrate=64000 ! aacparse ! capsfilter caps=audio/mpeg,stream-format=adts',
  },
  flac: { type: 'audio/flac', encode: 'flacenc' },
  opus: { type: 'audio/ogg', encode: 'opusenc bitrate=48000 ! oggmux' },
} as const satisfies Readonly<Record<string, Format>>;

export type SpeechFormat = keyof typeof FORMATS;

/**
 * The bytes of a file of that format, piece by piece. A reader who is slower than the voice holds it up. Ending early ends the
 * speech. Throws what the voice throws; `core/missing-element` where the encoder is not installed.
 */
export async function* speechFile(
  speech: AsyncIterable<SpeechChunk>,
  format: SpeechFormat,
  rate: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { encode }: Format = FORMATS[format];
  if (encode !== undefined) return yield* encoded(speech, encode, rate);
  let begun = format === 'pcm';
  for await (const { samples } of speech) {
    if (!begun) yield waveHead(rate, 0xffffffff);
    begun = true;
    yield bytesOf(samples);
  }
}

/** Pieces that may wait for the reader: the encoder waits with them. */
const AHEAD = 16;

async function* encoded(
  speech: AsyncIterable<SpeechChunk>,
  encode: string,
  rate: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const caps = `audio/x-raw,format=S16LE,layout=interleaved,channels=1,rate=${rate}`;
  const pipeline = Pipeline.launch(
    `appsrc name=in format=time caps=${caps} ! audioconvert ! audioresample ! ${encode} ! appsink name=out sync=false`,
  );
  const queue = new BoundedQueue<Uint8Array>(Number.POSITIVE_INFINITY);
  pipeline.element('out').onSamples(
    (batch) => {
      // Coded speech is small, and the text it is made of has a limit: what waits here has one.
      for (const { data } of batch) void queue.push(data);
    },
    { limit: AHEAD, full: 'wait' },
  );
  pipeline.on('error', (error) => queue.fail(error));
  pipeline.on('eos', () => queue.end());
  const feed = pipeline.element('in').feed({ limit: 1 << 16 });
  let count = 0;
  const feeding = (async () => {
    for await (const { samples } of speech) {
      const pts = Math.round((count * 1e9) / rate);
      count += samples.length;
      if ((await feed.push({ data: bytesOf(samples), pts })) !== 'ok') return;
    }
    if (count === 0) queue.end();
    else feed.end();
  })();
  feeding.catch((error: unknown) =>
    queue.fail(
      error instanceof TalkError
        ? error
        : new TalkError('stream/failed', 'It cannot be encoded.', { cause: error }),
    ),
  );
  try {
    pipeline.play().catch((error: unknown) => queue.fail(error));
    for await (const piece of queue) yield piece;
  } finally {
    await pipeline.close();
    // It ends as nobody takes its samples any more.
    await feeding.catch(() => undefined);
  }
}

function bytesOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
