/**
 * WAV as services stream it.
 *
 * The header is written before anybody knows how long the sound will be, so the sizes in it are often 0, 0xFFFFFFFF or
 * the like: then it goes on until the stream ends. A size that is meant counts: what comes behind it is no sound, and a
 * stream that ends before it was cut short. (Microsoft, "Multiple channel audio data and WAVE files"; RFC 2361 for the codes.)
 */
import { TalkError } from '../../element/error.js';
import type { SpeechPiece } from '../engine.js';
import type { ByteReader } from './bytes.js';
import { type Encoding, type PcmFormat, readPcm } from './pcm.js';

/** Sizes from here on are nobody's: "unknown", as large as it goes. */
const UNKNOWN = 0x7fff0000;
/** Chunks before the sound that are larger than this are no header. */
const LONGEST = 1 << 20;

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  '1/8': 'u8',
  '1/16': 's16',
  '1/24': 's24',
  '1/32': 's32',
  '3/32': 'f32',
  '3/64': 'f64',
  '6/8': 'alaw',
  '7/8': 'mulaw',
};

/** The sound of a WAV stream. Throws TalkError `stream/format` (not what it says), `stream/decode` (an encoding that is not read), `resource/unreachable` (cut short). */
export async function* readWav(bytes: ByteReader): AsyncGenerator<SpeechPiece, void, undefined> {
  const riff = Buffer.from(await bytes.take(12));
  if (riff.length < 12 || riff.toString('latin1', 8, 12) !== 'WAVE') throw broken('its first bytes are none');
  let format: PcmFormat | undefined;
  for (;;) {
    const head = Buffer.from(await bytes.take(8));
    if (head.length < 8) throw broken('it ends before its sound');
    const [id, size] = [head.toString('latin1', 0, 4), head.readUInt32LE(4)];
    if (id === 'data') {
      if (format === undefined) throw broken('its sound comes before its format');
      yield* readData(bytes, format, size);
      return;
    }
    if (size > LONGEST) throw broken('a chunk of it is too large');
    const chunk = Buffer.from(await bytes.take(size + (size % 2)));
    if (id === 'fmt ') format = readFormat(chunk);
  }
}

async function* readData(
  bytes: ByteReader,
  format: PcmFormat,
  size: number,
): AsyncGenerator<SpeechPiece, void, undefined> {
  const known = size !== 0 && size < UNKNOWN;
  const read = yield* readPcm(bytes, format, known ? size : undefined);
  if (!known) return;
  if (read < size) {
    throw new TalkError('resource/unreachable', `The sound was cut short: ${read} of ${size} bytes came.`, {
      retryable: true,
      details: { read, size },
    });
  }
  // Titles and the like may follow; read, so that the connection can be used again.
  while ((await bytes.some()) !== undefined);
}

function readFormat(chunk: Buffer): PcmFormat {
  if (chunk.length < 16) throw broken('its format is too short');
  let code = chunk.readUInt16LE(0);
  const bits = chunk.readUInt16LE(14);
  // WAVE_FORMAT_EXTENSIBLE: the code is the beginning of a GUID.
  if (code === 0xfffe && chunk.length >= 26) code = chunk.readUInt16LE(24);
  const encoding = ENCODINGS[`${code}/${bits}`];
  if (encoding === undefined) {
    throw new TalkError(
      'stream/decode',
      `Expected PCM, float, A-law or mu-law in a WAV stream but received code ${code} with ${bits} bits.`,
    );
  }
  const [channels, rate] = [chunk.readUInt16LE(2), chunk.readUInt32LE(4)];
  if (channels < 1 || channels > 64 || rate < 1000 || rate > 384_000) {
    throw broken(`it has ${channels} channels of ${rate} Hz`);
  }
  return { encoding, rate, channels };
}

function broken(why: string): TalkError {
  return new TalkError('stream/format', `Expected a WAV stream, but ${why}.`);
}
