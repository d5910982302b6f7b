/**
 * A session's ears: who may speak over the face, and what the face says meanwhile.
 *
 * Whoever hears must know what is being said, in step with the sound and not with the queue: its own voice in the microphone is no turn,
 * and a "yes" while it speaks is none either.
 */
import type { ElementHandle } from '../graph/handle.js';
import type { SessionEvent } from '../server/contract/events.js';

/** What takes the turn while the face speaks: a voice, words, or nothing. */
export const BARGE_IN = ['voice', 'words', 'off'] as const;
/** What makes a turn: speech, or a button. */
export const TURNS = ['auto', 'push-to-talk'] as const;

/** What can be changed; what is left out stays. */
export interface EarSettings {
  readonly bargeIn?: (typeof BARGE_IN)[number] | undefined;
  readonly turns?: (typeof TURNS)[number] | undefined;
  /** The button to talk is pressed, or let go. Counts with `turns: push-to-talk`. */
  readonly button?: boolean | undefined;
}

export class Ears {
  readonly #element: ElementHandle;
  #said = '';

  /** @param element `asrfilter`, or another with its properties and signals */
  constructor(element: ElementHandle) {
    this.#element = element;
  }

  /** Changes what is given, and tells what holds now. */
  set({ bargeIn, turns, button }: EarSettings): Required<Omit<EarSettings, 'button'>> {
    if (bargeIn !== undefined) this.#element.set('barge-in', bargeIn);
    if (turns !== undefined) this.#element.set('mode', turns);
    if (button !== undefined) this.#element.emit('button', button);
    const [one, other] = [this.#element.get('barge-in'), this.#element.get('mode')];
    return { bargeIn: one as (typeof BARGE_IN)[number], turns: other as (typeof TURNS)[number] };
  }

  /** What is waiting for an answer is old. */
  cut(id: string): void {
    this.#element.emit('cut', id);
  }

  /** Follows what the session tells. */
  follow(event: SessionEvent): void {
    if (event.type === 'speech.start' || event.type === 'sentence') this.#saying(event.text);
    else if (event.type === 'speech.end' || event.type === 'interrupted') this.#saying('');
  }

  #saying(text: string): void {
    if (text === this.#said) return;
    this.#said = text;
    this.#element.emit('saying', text);
  }
}
