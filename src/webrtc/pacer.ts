/**
 * Spreads the packets of a large picture over the time until the next one: a key frame of 75 kB in one burst overruns the queue of
 * many a router, and what is lost of it is asked for again by everybody at once.
 *
 * A picture of a few packets leaves at once; only what is more waits, a few milliseconds at a time. Nothing is dropped and nothing
 * changes places: when the next picture comes, all that is left of this one goes before it. So no more than one picture waits.
 */

/** Packets that leave at once, 12 kB. */
const BURST = 10;
/** ms between the groups that follow. */
const STEP = 4;
/** Part of the time between two pictures that the packets of one are spread over. */
const SPREAD = 0.7;
/** ms between two pictures, until that is known, and at most. */
const INTERVAL = 40;
/** No more packets wait than this. */
const LIMIT = 1024;
/** Of the clock of RTP video, per ms. */
const TICKS = 90;

/** The arithmetic, on a clock of any origin in ms. */
export class Pacer<T> {
  /** What is left of the pictures before. */
  #late: T[] = [];
  /** The picture that leaves: its packets that wait, how many have left, and when it began. */
  #waiting: T[] = [];
  #left = 0;
  #began = 0;
  #timestamp: number | undefined;
  #interval = INTERVAL;

  /** Packets that wait. */
  get size(): number {
    return this.#late.length + this.#waiting.length;
  }

  /** Takes a packet. @param timestamp of its picture, RTP */
  push(packet: T, timestamp: number, now: number): void {
    if (timestamp !== this.#timestamp) {
      const ms = ((timestamp - (this.#timestamp ?? timestamp)) >>> 0) / TICKS;
      if (ms > 0) this.#interval = Math.min(INTERVAL, ms);
      this.#late.push(...this.#waiting);
      this.#waiting = [];
      this.#left = 0;
      this.#began = now;
      this.#timestamp = timestamp;
    }
    this.#waiting.push(packet);
    if (this.size > LIMIT) this.#began = Number.NEGATIVE_INFINITY;
  }

  /** The packets that are due, in order. */
  take(now: number): T[] {
    const due = this.#late;
    this.#late = [];
    const all = this.#left + this.#waiting.length;
    const elapsed = Math.floor((now - this.#began) / STEP) * STEP;
    const share = Math.min(1, elapsed / (this.#interval * SPREAD));
    const soFar = Math.ceil(BURST + Math.max(0, all - BURST) * share);
    const taken = this.#waiting.splice(0, Math.max(0, soFar - this.#left));
    this.#left += taken.length;
    due.push(...taken);
    return due;
  }

  /** When something is due again; undefined: nothing waits. */
  next(now: number): number | undefined {
    if (this.size === 0) return undefined;
    return this.#began + (Math.floor((now - this.#began) / STEP) + 1) * STEP;
  }
}

/** Writes packets when the pacer says so. */
export class PacedWriter<T> {
  readonly #pacer = new Pacer<T>();
  readonly #write: (packet: T) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (packet: T) => void) {
    this.#write = write;
  }

  /** @param timestampOf RTP timestamp of a packet's picture */
  push(packets: readonly T[], timestampOf: (packet: T) => number): void {
    for (const packet of packets) this.#pacer.push(packet, timestampOf(packet), performance.now());
    // Whoever waits for a step may be behind a new picture now.
    clearTimeout(this.#timer);
    this.#drain();
  }

  #drain(): void {
    for (const packet of this.#pacer.take(performance.now())) this.#write(packet);
    const now = performance.now();
    const next = this.#pacer.next(now);
    if (next !== undefined) this.#timer = setTimeout(() => this.#drain(), Math.max(1, next - now));
  }
}
