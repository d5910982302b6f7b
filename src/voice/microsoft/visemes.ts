/**
 * Microsoft's 22 mouth shapes as sounds.
 *
 * A viseme stands for all sounds that look alike, so the sound given here is one that looks so, in the CMU phones that the house's
 * face models read; which one of `p`, `b` and `m` it was nobody can see, and nobody is told. The table:
 * https://learn.microsoft.com/azure/ai-services/speech-service/how-to-speech-synthesis-viseme#map-phonemes-to-visemes
 */
import type { TimedPhone } from '../engine.js';

const PHONES = 'pau ah aa ao eh er iy uw ow aw oy ay hh r l s sh dh f t k p'.split(' ');

/** Makes spans of moments: each lasts until the next. */
export class Visemes {
  #last: { phone: string; start: number } | undefined;

  /** A shape begins at `start` seconds. Answers the one that has ended by that, if it had a length. */
  take(id: number, start: number): TimedPhone[] {
    const ended = this.end(start);
    const phone = PHONES[id];
    this.#last = phone === undefined ? undefined : { phone, start };
    return ended;
  }

  /** The sound is over at `end` seconds. */
  end(end: number): TimedPhone[] {
    const last = this.#last;
    this.#last = undefined;
    return last !== undefined && end > last.start ? [{ ...last, end }] : [];
  }
}
