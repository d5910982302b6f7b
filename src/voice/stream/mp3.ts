/**
 * What an MP3 stream says of its own length.
 *
 * An encoder puts silence before and behind (LAME: 576 samples and what fills the last frame), a decoder 529 more before.
 * Where the stream begins with an info frame (Xing, Info) that tells how much, it is cut off as mpg123 does: `delay +
 * 529` samples at the beginning, `padding - 529` at the end. A stream without one, and that is what most services send, is
 * kept whole, as mpg123 keeps it, unless who asked for it knows better (`StreamOptions.delay`). The info frame is taken out of the bytes: GStreamer before 1.24 leaves the silence
 * in, later ones cut it off, and nothing here should depend on which it is. (LAME tag: gabriel.mp3-tech.org/mp3infotag.html.)
 */
import type { ByteReader } from './bytes.js';

/** Samples to leave out of what is decoded. */
export interface Trim {
  readonly start: number;
  readonly end: number;
}

const DECODER_DELAY = 529;
/** Largest frame there is: 320 kbit/s at 32 kHz, and free formats above it nobody sends. */
const LARGEST_FRAME = 1441;

const BITRATES = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const RATES = [44100, 48000, 32000];

/** Takes tags and the info frame off the beginning and says what is to be cut off the sound; undefined where the stream does not. */
export async function readMp3Head(bytes: ByteReader): Promise<Trim | undefined> {
  const tag = Buffer.from(await bytes.peek(10));
  if (tag.toString('latin1', 0, 3) === 'ID3' && tag.length === 10) {
    // Sizes of ID3v2 have seven bits in a byte.
    const size = ((tag[6]! & 127) << 21) | ((tag[7]! & 127) << 14) | ((tag[8]! & 127) << 7) | (tag[9]! & 127);
    for (let left = 10 + size; left > 0; ) {
      const got = await bytes.some(left);
      if (got === undefined) return undefined;
      left -= got.length;
    }
  }
  const frame = frameOf(Buffer.from(await bytes.peek(4)));
  if (frame === undefined || frame.length > LARGEST_FRAME) return undefined;
  const first = Buffer.from(await bytes.peek(frame.length));
  const at = 4 + frame.side;
  if (!/^(Xing|Info)$/.test(first.toString('latin1', at, at + 4))) return undefined;
  await bytes.take(frame.length);
  return lameTrim(first, at);
}

/** Length of a layer III frame and of its side information, bytes. */
function frameOf(header: Buffer): { length: number; side: number } | undefined {
  if (header.length < 4 || header[0] !== 0xff || (header[1]! & 0xe6) !== 0xe2) return undefined;
  const version = (header[1]! >> 3) & 3;
  const rate = RATES[(header[2]! >> 2) & 3];
  const kbps = BITRATES[version === 3 ? 1 : 2][header[2]! >> 4];
  if (version === 1 || rate === undefined || kbps === undefined || kbps === 0) return undefined;
  const divisor = version === 3 ? 1 : version === 2 ? 2 : 4;
  const padding = (header[2]! >> 1) & 1;
  const mono = header[3]! >> 6 === 3;
  const side = version === 3 ? (mono ? 17 : 32) : mono ? 9 : 17;
  return {
    length: Math.floor(((version === 3 ? 144 : 72) * kbps * 1000) / (rate / divisor)) + padding,
    side,
  };
}

/** The encoder's part of an info frame, behind the fields whose flags are set. */
function lameTrim(frame: Buffer, xing: number): Trim | undefined {
  const flags = frame.readUInt32BE(xing + 4);
  const fields = [4, 4, 100, 4].reduce((sum, size, bit) => sum + ((flags >> bit) & 1 ? size : 0), 0);
  const at = xing + 8 + fields + 21;
  if (frame.length < at + 3) return undefined;
  const delay = (frame[at]! << 4) | (frame[at + 1]! >> 4);
  const padding = ((frame[at + 1]! & 15) << 8) | frame[at + 2]!;
  if (delay === 0 && padding === 0) return undefined;
  return { start: delay + DECODER_DELAY, end: Math.max(0, padding - DECODER_DELAY) };
}
