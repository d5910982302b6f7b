/**
 * Sound that arrives, in whatever form, to samples as it arrives.
 *
 * What it is is read from its first bytes; what the service said it sends counts only for bare samples, which say nothing
 * of themselves. Samples are exact: as many come out as were put in, see `mp3.ts` for the one form where that takes a choice.
 */
import { TalkError } from '../../element/error.js';
import type { SpeechPiece } from '../engine.js';
import { ByteReader } from './bytes.js';
import { readMp3Head, type Trim } from './mp3.js';
import { readChain } from './ogg.js';
import { type PcmFormat, readPcm } from './pcm.js';
import { readWav } from './wav.js';

export { ByteReader } from './bytes.js';
export type { PcmFormat } from './pcm.js';

export interface StreamOptions {
  readonly signal: AbortSignal;
  /** What bare samples are; without it bytes without a header are refused. */
  readonly pcm?: PcmFormat;
  /** Samples that encoder and decoder put in front of an MP3 stream that does not say so itself; by default it is kept whole. */
  readonly delay?: number;
}

/**
 * Decodes WAV, MP3, Ogg (Opus, Vorbis, FLAC), FLAC or bare samples. An empty stream has no sound. Throws TalkError `stream/wrong-type`
 * for what is none of them, `stream/format` and `stream/decode` for what is broken, and what `bytes` throws.
 */
export async function* decodeStream(
  bytes: AsyncIterable<Uint8Array>,
  { signal, pcm, delay = 0 }: StreamOptions,
): AsyncGenerator<SpeechPiece, void, undefined> {
  const reader = new ByteReader(bytes, signal);
  try {
    const head = Buffer.from(await reader.peek(4));
    if (head.length === 0) return;
    const magic = head.toString('latin1');
    if (magic === 'RIFF') yield* readWav(reader);
    else if (magic === 'OggS') yield* decodeOgg(reader, signal);
    else if (pcm !== undefined) yield* readPcm(reader, pcm);
    else if (magic.startsWith('ID3') || isMp3(head)) yield* decodeMp3(reader, signal, delay);
    else if (magic === 'fLaC') yield* (await compressed()).decodeCompressed('flac', rest(reader), signal);
    else {
      throw new TalkError(
        'stream/wrong-type',
        'Expected WAV, MP3, Ogg or FLAC, but the first bytes are of none of them.',
        { debug: `first bytes ${head.toString('hex')}` },
      );
    }
  } finally {
    reader.close();
  }
}

// GStreamer is loaded by the first compressed sound, not by everybody who speaks.
const compressed = () => import('./compressed.js');

const isMp3 = (head: Buffer): boolean => head[0] === 0xff && (head[1]! & 0xe6) === 0xe2;

async function* decodeOgg(
  reader: ByteReader,
  signal: AbortSignal,
): AsyncGenerator<SpeechPiece, void, undefined> {
  const { decodeCompressed } = await compressed();
  for await (const { codec, bytes, until } of readChain(reader)) {
    if (codec === undefined) {
      throw new TalkError('stream/decode', 'Expected Opus, Vorbis or FLAC in an Ogg stream.');
    }
    const pieces = decodeCompressed(`ogg/${codec}`, bytes, signal);
    // GStreamer trims the end of Opus; that of Vorbis only where it reads a file, which it can ask for its length.
    if (codec === 'vorbis') yield* noFurther(pieces, until);
    else yield* pieces;
  }
}

async function* decodeMp3(
  reader: ByteReader,
  signal: AbortSignal,
  delay: number,
): AsyncGenerator<SpeechPiece, void, undefined> {
  const trim = (await readMp3Head(reader)) ?? { start: delay, end: 0 };
  const { decodeCompressed } = await compressed();
  yield* cut(decodeCompressed('mp3', rest(reader), signal), trim);
}

/** Samples up to a place that is known when they are. */
async function* noFurther(
  pieces: AsyncIterable<SpeechPiece>,
  until: () => number,
): AsyncGenerator<SpeechPiece, void, undefined> {
  let given = 0;
  for await (const piece of pieces) {
    const samples = piece.samples.subarray(0, Math.max(0, until() - given));
    given += samples.length;
    if (samples.length > 0) yield { ...piece, samples };
  }
}

async function* rest(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  for (let part = await reader.some(); part !== undefined; part = await reader.some()) yield part;
}

/** Leaves samples out at both ends; as many as the end may take are held back. */
async function* cut(
  pieces: AsyncIterable<SpeechPiece>,
  { start, end }: Trim,
): AsyncGenerator<SpeechPiece, void, undefined> {
  let left = start;
  const held: SpeechPiece[] = [];
  let waiting = 0;
  for await (const piece of pieces) {
    const gone = Math.min(left, piece.samples.length);
    left -= gone;
    held.push({ ...piece, samples: piece.samples.subarray(gone) });
    waiting += piece.samples.length - gone;
    while (held.length > 0 && waiting - held[0]!.samples.length >= end) {
      const first = held.shift()!;
      waiting -= first.samples.length;
      if (first.samples.length > 0) yield first;
    }
  }
  let keep = Math.max(0, waiting - end);
  for (const piece of held) {
    const samples = piece.samples.subarray(0, keep);
    keep -= samples.length;
    if (samples.length > 0) yield { ...piece, samples };
  }
}
