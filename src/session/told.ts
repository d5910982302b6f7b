/**
 * What is not told to clients: what was told already, and what nobody hears any more.
 *
 * What was understood is a message, and a mark in the stream besides: where a sink tells marks too, it comes twice. And a cut is known
 * sooner here than at the sink: a word of what was cut may still be on its way.
 */
import type { SessionEvent } from '../server/contract/events.js';

/** Transcripts whose second message may still come. */
const REMEMBERED = 64;
const SPOKEN: ReadonlySet<string> = new Set(['speech.start', 'speech.end', 'sentence', 'word']);

export class Told {
  readonly #transcripts = new Set<string>();
  #cut: string | undefined;

  /** True for an event that is to be kept back. */
  skips(event: SessionEvent): boolean {
    if (event.type === 'interrupted') this.#cut = event.id;
    if (SPOKEN.has(event.type)) return event.id !== undefined && event.id === this.#cut;
    if (event.type !== 'transcript.partial' && event.type !== 'transcript.final') return false;
    const key = `${event.type} ${event.turn} ${event.text}`;
    if (this.#transcripts.has(key)) return true;
    this.#transcripts.add(key);
    if (this.#transcripts.size > REMEMBERED)
      this.#transcripts.delete(this.#transcripts.values().next().value ?? key);
    return false;
  }
}
