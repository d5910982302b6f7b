/** Two people at once: what we say, and what somebody else says over it. */

import { Listening } from '../../src/dialog/ears/listening.js';
import type { OwnVoice } from '../../src/dialog/ears/ownvoice.js';
import { sileros, USUAL } from './listens.js';
import { atLevel, join, RATE, silence, toInt16 } from './noises.js';
import { spoken } from './spoken.js';

const SAID = [
  'Once upon a time there was a king who had three daughters and a very old castle.',
  'The weather is fine today, and tomorrow it will rain in the north.',
  'Please tell me what you would like to know about our products.',
  'There are three ways to get there, and all of them take an hour.',
  'The first one goes over the mountains and the second one along the river.',
];
const ASKED = [
  'No, that is not what I meant.',
  'Can you tell me about the weather?',
  'Actually, I have another question.',
];

/** One voice that talks on, at -25 dB, with pauses of a quarter of a second. */
export async function ownVoice(seconds: number): Promise<Float32Array> {
  const parts: Float32Array[] = [silence(0.5)];
  for (let length = 0, i = 0; length < seconds * RATE; i++) {
    const sentence = join(atLevel(await spoken(SAID[i % SAID.length] ?? ''), -25), silence(0.25));
    length += sentence.length;
    parts.push(sentence);
  }
  return join(...parts).slice(0, seconds * RATE);
}

/** When they begin, seconds. */
export const theirOnsets = (count: number): number[] => Array.from({ length: count }, (_, i) => 4 + 2.9 * i);

/** Other voices at -25 dB in between, each for 1.2 s at most. */
export async function heardOver(count: number, seconds: number): Promise<Float32Array> {
  const out = silence(seconds);
  for (const [i, onset] of theirOnsets(count).entries()) {
    const sentence = atLevel(
      await spoken(ASKED[i % ASKED.length] ?? '', ['rms', 'awb', 'kal16'][i % 3]),
      -25,
    );
    out.set(sentence.slice(0, 1.2 * RATE), Math.round(onset * RATE));
  }
  return out;
}

/** Hears `near` while `far` is played, 20 ms at a time: when speech began and when it was likely, seconds. */
export async function heardWhile(far: Float32Array, near: Float32Array, own: OwnVoice | undefined) {
  const settings = { ...USUAL, own };
  const listening = new Listening(await sileros(), settings, (error) => {
    throw error;
  });
  const [played, heard] = [toInt16(far), toInt16(near)];
  const found = { speech: [] as number[], likely: [] as number[], delay: undefined as number | undefined };
  for (let at = 0; at < heard.length; at += 320) {
    const pts = (at * 1e9) / RATE;
    own?.play(played.subarray(at, at + 320), pts, RATE);
    for await (const change of listening.push(heard.subarray(at, at + 320), pts)) {
      if (change.state === 'speech') found.speech.push(change.at / 1e9);
      if (change.state === 'likely') found.likely.push(change.at / 1e9);
    }
  }
  found.delay = own?.delay;
  return found;
}
