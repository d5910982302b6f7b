/**
 * Takes off the silence that both services put behind every text, 0.8 s and more: between two sentences it would be heard as
 * hesitation, and after the last one the avatar would seem to have more to say. (https://github.com/rany2/edge-tts counts 0.875 s for the
 * one, https://github.com/microsoft/cognitive-services-speech-sdk-js/issues/691 about 0.8 s for the other.)
 *
 * What lies behind the last word that is known, and cannot be heard, is held back until more is known or the text has ended.
 */
import type { Pause, SpeechPiece, TimedPhone } from '../engine.js';
import { TAIL } from '../pauses.js';

/** Samples below are silence: -54 dB of full scale, where MP3 leaves the traces of a sound that has ended. */
const AUDIBLE = 64;
/** Seconds kept behind the last sample that can be heard, whatever the words say. */
const FADE = 0.01;

/** The pieces without the silence at their end that is longer than a pause. */
export async function* withoutTail(
  pieces: AsyncIterable<SpeechPiece>,
  pause: Pause,
): AsyncGenerator<SpeechPiece, void, undefined> {
  const held: Int16Array[] = [];
  let [given, came, wordsEnd, loud] = [0, 0, 0, 0];
  for await (const piece of pieces) {
    const { rate, samples } = piece;
    let { samples: _, rate: __, ...marks } = piece;
    // What the end has closed ends where the sound does.
    if (samples.length === 0)
      marks = { ...marks, ...(piece.phonemes && { phonemes: within(piece.phonemes, given / rate) }) };
    for (const { end } of piece.words ?? []) wordsEnd = Math.max(wordsEnd, Math.round(end * rate));
    const last = samples.findLastIndex((value) => Math.abs(value) > AUDIBLE);
    if (last >= 0) loud = came + last + 1;
    came += samples.length;
    held.push(samples);
    const told = wordsEnd > 0 ? wordsEnd : loud;
    const keep = Math.max(told + Math.round(TAIL[pause] * rate), loud + Math.round(FADE * rate));
    for (let first = held[0]; first !== undefined && given < keep; first = held[0]) {
      const part = first.subarray(0, keep - given);
      given += part.length;
      if (part.length === first.length) held.shift();
      else held[0] = first.subarray(part.length);
      if (part.length > 0) {
        yield { samples: part, rate, ...marks };
        marks = {};
      }
    }
    // Marks are never held back.
    if (Object.keys(marks).length > 0) yield { samples: new Int16Array(0), rate, ...marks };
  }
}

const within = (phonemes: readonly TimedPhone[], end: number): TimedPhone[] =>
  phonemes.flatMap((one) => (one.start < end ? [{ ...one, end: Math.min(one.end, end) }] : []));
