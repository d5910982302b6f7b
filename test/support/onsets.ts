/** Beginnings of speech whose moment is known, in a bed of noise. */
import { existsSync } from 'node:fs';
import { RATE, random, rms } from './noises.js';
import { REAL, realSpeech } from './spoken.js';

/** ms of each piece whose level is looked at. */
const STEP = RATE / 200;
/** Pauses from here on, in pieces: 150 ms. */
const PAUSE = 30;
/** What is this much softer than the speech is a pause. */
const SOFTER = 10 ** (-20 / 20);

/** The beginnings in the real speech beside the repository, `seconds` from each; none where it is not. */
export function realOnsets(seconds: number): Float32Array[] {
  if (!existsSync(REAL)) return [];
  const real = realSpeech();
  const found: Float32Array[] = [];
  const audible = SOFTER * rms(real);
  let quiet = 0;
  for (let at = 0; at + seconds * RATE < real.length; at += STEP) {
    const loud = rms(real.subarray(at, at + STEP)) >= audible;
    if (loud && quiet >= PAUSE) found.push(real.slice(at, at + seconds * RATE));
    quiet = loud ? 0 : quiet + 1;
  }
  return found;
}

/** Puts a sentence into the bed every so many seconds, up to a hop later, and lets each last `long` seconds. Onsets in seconds. */
export function scattered(
  sentences: readonly Float32Array[],
  bed: Float32Array,
  every: number,
  long: number,
): { sound: Float32Array; onsets: number[] } {
  const next = random(5);
  const sound = bed.slice();
  const onsets = sentences.map((sentence, i) => {
    const first = Math.round(((i + 1) * every + 0.032 * next()) * RATE);
    for (const [n, sample] of sentence.subarray(0, long * RATE).entries())
      if (first + n < sound.length) sound[first + n] = (sound[first + n] ?? 0) + sample;
    return first / RATE;
  });
  return { sound, onsets };
}
