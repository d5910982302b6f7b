/** Which voices there are to be asked for over the network. */
import { mayAskFor } from '../session/voices.js';
import { listVoices } from '../voice/index.js';

/** ms that a list is told again before services are asked for their voices anew. */
const FRESH = 30_000;

/** Engines and their voices, as `talkgraph voices --json` prints them. */
export type Voices = Awaited<ReturnType<typeof listVoices>>;

/** The voices that may be asked for. However many ask, services are asked once in a while. */
export class VoiceList {
  #told: { readonly voices: Promise<Voices>; readonly until: number } | undefined;

  get(): Promise<Voices> {
    if (this.#told === undefined || performance.now() > this.#told.until) {
      const voices = listVoices().then(async ({ engines }) => {
        const open = await Promise.all(engines.map(({ name }) => mayAskFor(name)));
        return { engines: engines.filter((_, n) => open[n]) };
      });
      voices.catch(() => {
        this.#told = undefined;
      });
      this.#told = { voices, until: performance.now() + FRESH };
    }
    return this.#told.voices;
  }
}
