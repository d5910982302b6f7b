/** Which voices there are to be asked for over the network, and which may be. */
import { listVoices } from '../voice/index.js';

/** Engines whose "voice" is a file of this machine. */
const LOCAL_FILES = new Set(['file']);
/** ms that a list is told again before services are asked for their voices anew. */
const FRESH = 30_000;

/** False for voices one of which would read a file of the server: a request must never name a path. Empty is the default. */
export function mayAskFor(voices: string): boolean {
  // Several stand with commas between them, each behind its engine.
  return voices
    .split(',')
    .every((voice) => !LOCAL_FILES.has((voice.split('/', 1)[0] ?? '').trim().toLowerCase()));
}

/** Engines and their voices, as `talkgraph voices --json` prints them. */
export type Voices = Awaited<ReturnType<typeof listVoices>>;

/** The voices that may be asked for. However many ask, services are asked once in a while. */
export class VoiceList {
  #told: { readonly voices: Promise<Voices>; readonly until: number } | undefined;

  get(): Promise<Voices> {
    if (this.#told === undefined || performance.now() > this.#told.until) {
      const voices = listVoices().then(({ engines }) => ({
        engines: engines.filter(({ name }) => mayAskFor(name)),
      }));
      voices.catch(() => {
        this.#told = undefined;
      });
      this.#told = { voices, until: performance.now() + FRESH };
    }
    return this.#told.voices;
  }
}
