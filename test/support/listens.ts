/** Ears on a whole sound at once. */
import type { Detector } from '../../src/dialog/ears/detector.js';
import { Interleaved } from '../../src/dialog/ears/interleaved.js';
import type { LikelyChange } from '../../src/dialog/ears/likely.js';
import { type HeardChange, Listening, type ListeningSettings } from '../../src/dialog/ears/listening.js';
import { loadSilero, SileroDetector } from '../../src/dialog/ears/silero.js';
import type { SpeechChange } from '../../src/dialog/ears/speech.js';
import { readListener } from '../../src/inference/index.js';
import { toInt16 } from './noises.js';

/** What vadfilter does unless it is told otherwise. */
export const USUAL: ListeningSettings = {
  threshold: 0.5,
  minSpeech: 64,
  minSilence: 250,
  minLevel: -55,
  likely: 0.2,
};

/** One detector of Silero's. Sound that is there already is late for nobody, however busy the machine is. */
export async function silero(): Promise<Detector> {
  const model = await loadSilero(await readListener('silero'));
  return new SileroDetector({
    infer: (request) => model.infer({ ...request, deadline: Number.POSITIVE_INFINITY, expired: () => false }),
  });
}

/** As vadfilter has it: two of them, half a hop apart. */
export async function sileros(): Promise<Detector> {
  return new Interleaved(await silero(), await silero());
}

/** Everything that a sound makes known, what it may be included. */
export async function allHeardIn(
  sound: Float32Array,
  detector: Detector,
  settings: Partial<ListeningSettings> = {},
): Promise<HeardChange[]> {
  const listening = new Listening(detector, { ...USUAL, ...settings }, (error) => {
    throw error;
  });
  const changes: HeardChange[] = [];
  for await (const change of listening.push(toInt16(sound), 0)) changes.push(change);
  return [...changes, ...listening.finish()];
}

/** What is known of it: the changes between speech and silence, the last one told at its end. */
export async function heardIn(
  sound: Float32Array,
  detector: Detector,
  settings: Partial<ListeningSettings> = {},
): Promise<SpeechChange[]> {
  const changes = await allHeardIn(sound, detector, settings);
  return changes.filter((change): change is SpeechChange => !maybe(change));
}

/** Whether a change is of what may be. */
export const maybe = (change: HeardChange): change is LikelyChange =>
  change.state === 'likely' || change.state === 'unlikely';
