/** How far the loading of a model is. */
import type { Fields } from '../element/frame.js';
import { SECOND } from '../element/time.js';

/** Told while weights are loaded; the last is of `time` with all bytes done. */
export interface LoadProgress {
  readonly model: string;
  /** Its bytes are compared with its hash, read into the inference threads, or it runs to see how fast it is. */
  readonly step: 'check' | 'open' | 'time';
  /** Bytes of this step that are done. */
  readonly bytes: number;
  readonly of: number;
}
export type OnLoad = (progress: LoadProgress) => void;

/** Smaller models are loaded before anybody asks. */
const LARGE = 2 ** 26;
/** Bytes a second that the slowest step makes on a machine that has other things to do, too. */
const SLOWEST = 2 ** 24;
/** What a step takes however small the model is, as `start` has anyway. */
const ANYWAY = 60 * SECOND;

/** Who wants to know how far one loading is: all who ask for the model while it is under way. */
export class Watched {
  readonly #watchers = new Set<OnLoad>();
  #last: LoadProgress | undefined;

  add(watcher: OnLoad | undefined): void {
    if (watcher === undefined) return;
    this.#watchers.add(watcher);
    if (this.#last !== undefined) watcher(this.#last);
  }

  tell(progress: LoadProgress): void {
    this.#last = progress;
    for (const watcher of [...this.#watchers]) watcher(progress);
  }
}

/** The element that loads a model in its `start`. */
interface Starting {
  post(name: string, fields: Fields): void;
  extendStart(time: number): void;
}

/** Has an element tell by the message `loading` how far a large model is, and take the time it needs for it. */
export function toldBy(element: Starting): OnLoad {
  return (progress) => {
    if (progress.of < LARGE) return;
    const { bytes, of } = progress;
    element.post('loading', { ...progress });
    element.extendStart(ANYWAY + Math.round(((of - (bytes < of ? bytes : 0)) / SLOWEST) * SECOND));
  };
}
