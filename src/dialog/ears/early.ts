/**
 * The words of a turn that may be over, asked for in the pause that may end it: a second hearing of what was said so far.
 *
 * When the pause becomes the end these are the turn's words; when somebody goes on, nobody wants them.
 */
import { Hearing, type HearingRequest } from './hearing.js';

export interface EarlyRequest extends Omit<HearingRequest, 'partial' | 'recording'> {
  readonly turn: number;
  /** The hearing of the turn, which goes on. */
  readonly hearing: Hearing;
  /** Told once, as soon as the words are there. */
  readonly heard: (text: string) => void;
}

export class EarlyWords {
  readonly turn: number;
  readonly #early: Hearing;
  readonly #dropped = new AbortController();

  constructor({ turn, hearing, heard, signal, ...request }: EarlyRequest) {
    this.turn = turn;
    this.#early = new Hearing({
      ...request,
      signal: AbortSignal.any([signal, this.#dropped.signal]),
      partial: () => undefined,
      recording: hearing.recording.copy(),
    });
    this.#early.end();
    this.#early.words.then(
      (text) => {
        if (!signal.aborted && !this.#dropped.signal.aborted) heard(text);
      },
      // Told to whoever awaits them at the end of the turn.
      () => undefined,
    );
  }

  /** Rejects with TalkError when there will be none. */
  get words(): Promise<string> {
    return this.#early.words;
  }

  /** Somebody went on: the recogniser is let go. */
  drop(): void {
    this.#dropped.abort();
  }
}
