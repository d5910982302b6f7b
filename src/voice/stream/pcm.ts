/** Raw samples in bytes to 16 bits, mono. What is cut in the middle of a sample waits for the rest of it. */
import { logger } from '../../element/log.js';
import type { SpeechPiece } from '../engine.js';
import type { ByteReader } from './bytes.js';

/** How a sample is written: little endian integers (8 bits: unsigned, as WAV has them) or floats. */
export type Encoding = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64' | 'mulaw' | 'alaw';

export interface PcmFormat {
  readonly encoding: Encoding;
  /** Samples per second. */
  readonly rate: number;
  readonly channels: number;
}

const BYTES: Readonly<Record<Encoding, number>> = {
  u8: 1,
  s16: 2,
  s24: 3,
  s32: 4,
  f32: 4,
  f64: 8,
  mulaw: 1,
  alaw: 1,
};

/** Largest piece made at once, samples: 100 ms at 48 kHz. */
const PIECE = 4800;

/**
 * Samples until the stream ends or `limit` bytes of it were read. Bytes of a sample that never became whole are dropped, once, with
 * a line in the log. Answers how many bytes were read.
 */
export async function* readPcm(
  bytes: ByteReader,
  format: PcmFormat,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<SpeechPiece, number, undefined> {
  const { encoding, rate, channels } = format;
  const frame = BYTES[encoding] * channels;
  let read = 0;
  let rest: Uint8Array = new Uint8Array(0);
  while (read < limit) {
    const got = await bytes.some(Math.min(limit - read, PIECE * frame));
    if (got === undefined) break;
    read += got.length;
    const all = rest.length === 0 ? got : Buffer.concat([rest, got]);
    const whole = all.length - (all.length % frame);
    rest = all.slice(whole);
    if (whole > 0) yield { samples: toMono(all.subarray(0, whole), encoding, channels), rate };
  }
  if (rest.length > 0 && !bytes.aborted) {
    logger({ area: 'voice' }).warn('A stream of samples ended inside one; its bytes are dropped.', {
      bytes: rest.length,
    });
  }
  return read;
}

function toMono(bytes: Uint8Array, encoding: Encoding, channels: number): Int16Array {
  // A copy: what came may lie anywhere in a buffer of the network's.
  if (encoding === 's16' && channels === 1) return new Int16Array(new Uint8Array(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = BYTES[encoding];
  const read = READ[encoding];
  const out = new Int16Array(bytes.length / (size * channels));
  for (let n = 0; n < out.length; n++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += read(view, (n * channels + c) * size);
    out[n] = Math.max(-32768, Math.min(32767, Math.round(sum / channels)));
  }
  return out;
}

/** One sample, in units of 16 bits. */
const READ: Readonly<Record<Encoding, (view: DataView, at: number) => number>> = {
  u8: (view, at) => (view.getUint8(at) - 128) * 256,
  s16: (view, at) => view.getInt16(at, true),
  s24: (view, at) => view.getInt16(at + 1, true) + view.getUint8(at) / 256,
  s32: (view, at) => view.getInt32(at, true) / 65536,
  f32: (view, at) => fromFloat(view.getFloat32(at, true)),
  f64: (view, at) => fromFloat(view.getFloat64(at, true)),
  mulaw: (view, at) => fromMulaw(view.getUint8(at)),
  alaw: (view, at) => fromAlaw(view.getUint8(at)),
};

const fromFloat = (value: number): number => (Number.isNaN(value) ? 0 : value * 32768);

/** ITU-T G.711: sign, three bits of exponent, four of mantissa, all inverted. */
function fromMulaw(byte: number): number {
  const bits = ~byte & 0xff;
  const value = ((((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)) - 0x84;
  return (bits & 0x80) === 0 ? value : -value;
}

/** ITU-T G.711: every second bit inverted, and the sign the other way round. */
function fromAlaw(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits & 0x70) >> 4;
  const mantissa = ((bits & 0x0f) << 4) + 8;
  const value = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (bits & 0x80) === 0 ? -value : value;
}
