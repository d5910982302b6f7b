/** How long after its time what a sink sends leaves, voice and picture apart: their difference is what a viewer sees as A/V skew. */
import type { Ns } from '../element/index.js';

/** Batches remembered of each. */
const KEPT = 128;

/** Medians of the last batches, ms behind the moment they were due; undefined while nothing is sent. */
export interface Sending {
  readonly voice: number | undefined;
  readonly picture: number | undefined;
  /** Picture minus voice: positive where the picture is late. */
  readonly skew: number | undefined;
  /** Packets lost before they left, because the JS thread was busy. */
  readonly dropped: number;
}

/** A sink that tells how punctually voice and picture leave. */
export interface Punctual {
  sending(): Sending;
  /** Elements that encode its video now; none where it comes in encoded. */
  encoders(): readonly string[];
}

export class Sent {
  #voice: number[] = [];
  #picture: number[] = [];
  #dropped = 0;

  /** A batch leaves now. @param due running time of its first packet @param dropped lost before it */
  note(what: 'voice' | 'picture', now: Ns | undefined, due: Ns | undefined, dropped = 0): void {
    this.#dropped += dropped;
    if (now === undefined || due === undefined) return;
    const kept = what === 'voice' ? this.#voice : this.#picture;
    kept.push((now - due) / 1e6);
    if (kept.length > KEPT) kept.shift();
  }

  /** What was before a connection says nothing of the next one. */
  forget(): void {
    [this.#voice, this.#picture] = [[], []];
  }

  get now(): Sending {
    const [voice, picture] = [median(this.#voice), median(this.#picture)];
    const skew = voice === undefined || picture === undefined ? undefined : picture - voice;
    return { voice, picture, skew, dropped: this.#dropped };
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
