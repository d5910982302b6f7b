/** Speech with a beginning that is known to a few ms: the voices that are always there, say what the ears are to hear. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { speak } from '../../src/voice/index.js';
import { RATE, rms, toFloats } from './noises.js';

/** Real speech, beside the repository; tests that need it are skipped where it is not. */
export const REAL = join(fileURLToPath(import.meta.url), '../../../../../shared/data/speech-en.wav');

/** The samples of `REAL`: 60 s, 16 kHz, mono. */
export function realSpeech(): Float32Array {
  const file = readFileSync(REAL);
  const at = file.indexOf('data') + 8;
  return toFloats(
    new Int16Array(
      file.buffer.slice(file.byteOffset + at, file.byteOffset + file.length - ((file.length - at) % 2)),
    ),
  );
}

const WORDS = [
  'Hello there, how are you?',
  'Wait a moment please.',
  'No, that is not what I meant.',
  'Can you tell me about the weather?',
  'Stop.',
  'Actually, I have another question.',
  'Please go on with the story.',
  'What time is it now?',
  'Excuse me, I did not get that.',
  'Show me something else.',
];
const VOICES = ['slt', 'rms', 'awb', 'kal16'];

/** A sentence of a voice of flite's, from its first audible 5 ms on. */
export async function spoken(text: string, voice = 'slt', rate = RATE): Promise<Float32Array> {
  const pieces: number[] = [];
  for await (const { samples } of speak({ text, voice: `flite/${voice}`, rate })) pieces.push(...samples);
  const all = toFloats(Int16Array.from(pieces));
  const step = rate / 200;
  const audible = 0.1 * rms(all);
  let first = 0;
  while (first < all.length && rms(all.subarray(first, first + step)) < audible) first += step;
  return all.slice(first);
}

/** `count` sentences in the mouths of several people. */
export async function sentences(count: number): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (let i = 0; i < count; i++) {
    const text = WORDS[i % WORDS.length] ?? '';
    all.push(await spoken(text, VOICES[(i + Math.floor(i / WORDS.length)) % VOICES.length]));
  }
  return all;
}
