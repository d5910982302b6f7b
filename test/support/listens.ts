/** Ears on a whole sound at once. */
import type { Detector } from '../../src/dialog/ears/detector.js';
import { Listening, type ListeningSettings } from '../../src/dialog/ears/listening.js';
import { loadSilero, SileroDetector } from '../../src/dialog/ears/silero.js';
import type { SpeechChange } from '../../src/dialog/ears/speech.js';
import { readListener } from '../../src/inference/index.js';
import { toInt16 } from './noises.js';

/** What vadfilter does unless it is told otherwise. */
export const USUAL: ListeningSettings = { threshold: 0.5, minSpeech: 64, minSilence: 250, minLevel: -55 };

export async function silero(): Promise<Detector> {
  return new SileroDetector(await loadSilero(await readListener('silero')));
}

/** All changes that a sound makes known, the last one told at its end. */
export async function heardIn(
  sound: Float32Array,
  detector: Detector,
  settings: Partial<ListeningSettings> = {},
): Promise<SpeechChange[]> {
  const listening = new Listening(detector, { ...USUAL, ...settings }, (error) => {
    throw error;
  });
  const changes: SpeechChange[] = [];
  for await (const change of listening.push(toInt16(sound), 0)) changes.push(change);
  const last = listening.finish();
  return last === undefined ? changes : [...changes, last];
}
