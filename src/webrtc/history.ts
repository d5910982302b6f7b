/**
 * Packets that were sent and may be asked for again: those of the last second, whatever their number, within a limit of bytes.
 *
 * A second is longer than any receiver asks for a packet: Chromium gives up after ten round trips, or when a key frame has come.
 * What is sent again is limited, too: behind a full line each packet that is sent twice costs another one. And a request that
 * comes while the answer to the last one is under way is not answered.
 */

export interface HistoryLimits {
  /** ms that packets are kept. */
  ms?: number;
  /** Bytes that are kept. */
  bytes?: number;
}

/** Part of what is sent that may be sent again; twice what a line needs that loses a quarter. */
const SHARE = 0.5;
/** Bytes that may be sent again at once: a key frame that was lost whole. */
const BURST = 100_000;

interface Kept<P> {
  readonly packet: P;
  readonly size: number;
  readonly at: number;
  /** When it was sent again last. */
  again: number | undefined;
}

/** @typeParam P what a packet is, for whoever sends it. Times in ms on any clock that does not jump. */
export class History<P> {
  /** By sequence number, oldest first. */
  readonly #kept = new Map<number, Kept<P>>();
  readonly #limits: Required<HistoryLimits>;
  #bytes = 0;
  #credit = BURST;

  constructor({ ms = 1000, bytes = 1 << 20 }: HistoryLimits = {}) {
    this.#limits = { ms, bytes };
  }

  /** Packets, and their bytes. */
  get size(): { packets: number; bytes: number } {
    return { packets: this.#kept.size, bytes: this.#bytes };
  }

  /** A packet that is sent now. @param sequence 16 bit */
  keep(sequence: number, packet: P, size: number, now: number): void {
    this.#drop(sequence);
    this.#kept.set(sequence, { packet, size, at: now, again: undefined });
    this.#bytes += size;
    this.#credit = Math.min(BURST, this.#credit + size * SHARE);
    for (const [oldest, { at }] of this.#kept) {
      if (now - at <= this.#limits.ms && this.#bytes <= this.#limits.bytes) break;
      this.#drop(oldest);
    }
  }

  /**
   * The packet to send again, or undefined when it is not to be: too old, never sent, or sent a moment ago.
   * @param pause ms that an answer is under way
   */
  again(sequence: number, pause: number, now: number): P | undefined {
    const kept = this.#kept.get(sequence);
    if (kept === undefined || now - kept.at > this.#limits.ms || kept.size > this.#credit) return undefined;
    if (kept.again !== undefined && now - kept.again < pause) return undefined;
    kept.again = now;
    this.#credit -= kept.size;
    return kept.packet;
  }

  /** Forgets all. */
  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #drop(sequence: number): void {
    this.#bytes -= this.#kept.get(sequence)?.size ?? 0;
    this.#kept.delete(sequence);
  }
}
