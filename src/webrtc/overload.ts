/**
 * Knows a line that has just become too small by the packets that its viewer misses: within half a second, where reports need one or
 * two.
 *
 * Packets that stand in a queue are missed late: by then the last of those that were lost is older than a round trip. Where the queue is
 * too short for that, a line that is full lets through what it takes, here and there: many runs of packets are missing, with what
 * came between them. A radio that fades for a moment loses one run, which is missed as soon as it is back, and a poor one loses few.
 * Pure: it knows no time but what it is told, ms on any clock that does not jump.
 */

export interface Overrun {
  /** The part of the packets that gets through. */
  readonly share: number;
  /** ms until its queue is empty, as far as that is known. */
  readonly queue: number;
}

/** ms within which packets are missed. */
const WINDOW = 300;
/** Where packets wait so long, ms: so many that are missed, sent over so many ms, and of those from the first to the last this part. */
const WAITED = 80;
const QUEUED = { packets: 3, ms: 40, part: 0.5, runs: 1 };
/** Elsewhere: more than a line that loses a third does by chance. */
const SCATTERED = { packets: 24, ms: 0, part: 0.6, runs: 4 };
/** ms between two pictures as a rule: the wait for the next one is in the numbers above. */
const PICTURE = 40;
/** Packets whose time is known: of half a second, at 5 Mbit/s. */
const KNOWN = 256;

export class Overload {
  /** Packets sent, the number of the last, and when the last few were, by their place among all. */
  #sent = 0;
  #last = 0;
  readonly #times = new Float64Array(KNOWN);
  /** What is missed up to here is nothing new: the viewer says so again until it comes, or it is of no account any more. */
  #known = 0;
  /** Packets that are missed, by their place, and when that was first said. */
  readonly #missed = new Map<number, number>();

  /** A packet is sent. @param sequence 16 bit, one more than the last */
  sent(sequence: number, now: number): void {
    this.#last = sequence;
    this.#times[++this.#sent % KNOWN] = now;
  }

  /**
   * The viewer misses these.
   * @param sequences 16 bit
   * @param rtt round trip while nothing waits, ms, as far as it is known
   * @returns when its line is too small; then only what is sent from now on counts
   */
  missed(sequences: readonly number[], now: number, rtt = Number.POSITIVE_INFINITY): Overrun | undefined {
    /** ms since the last of those that are new could be missed. */
    let since = Number.POSITIVE_INFINITY;
    for (const sequence of sequences) {
      const place = this.#sent - ((this.#last - sequence) & 0xffff);
      if (place <= Math.max(this.#known, this.#sent - KNOWN)) continue;
      this.#missed.set(place, now);
      since = Math.min(since, now - this.#missable(place));
    }
    this.#known = Math.max(this.#known, ...this.#missed.keys());
    for (const [place, at] of this.#missed) if (now - at > WINDOW) this.#missed.delete(place);
    if (since === Number.POSITIVE_INFINITY) return undefined;
    const places = [...this.#missed.keys()].sort((a, b) => a - b);
    const [begin = 0, end = 0] = [places[0], places.at(-1)];
    const span = end - begin + 1;
    const over = (this.#times[end % KNOWN] ?? 0) - (this.#times[begin % KNOWN] ?? 0);
    const runs = places.filter((place, n) => place !== (places[n - 1] ?? Number.NaN) + 1).length;
    const part = places.length / span;
    const waited = Math.max(0, since - rtt);
    const least = waited < WAITED ? SCATTERED : QUEUED;
    if (places.length < least.packets || over < least.ms || part < least.part || runs < least.runs)
      return undefined;
    this.forget();
    return { share: 1 - part, queue: waited };
  }

  /**
   * When a packet was sent; or, where the one that shows that it is missing came much later, a picture's time before that one: where
   * pictures are far apart a burst that hit the end of one would look like a queue.
   */
  #missable(place: number): number {
    const [sent = 0, next = 0] = [this.#times[place % KNOWN], this.#times[(place + 1) % KNOWN]];
    return place < this.#sent ? Math.max(sent, next - PICTURE) : sent;
  }

  /** What was sent before now is of no account any more. */
  forget(): void {
    this.#known = this.#sent;
    this.#missed.clear();
  }
}
