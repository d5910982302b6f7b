/**
 * A line as a model, a second at a time: it loses at random, carries no more than its capacity, and lets a short queue run over.
 * It reports as Chromium does: the loss of the second, and an estimate (REMB) that falls to what arrives when the line is full and else
 * grows by 8 % a second, up to one and a half times what arrives.
 */
import type { LinkReport } from '../../../src/webrtc/line.js';

export interface ModelLineOptions {
  /** bit/s; default: no end. */
  capacity?: number;
  /** Fraction lost at random. */
  loss?: number;
  /** ms of its capacity that wait in its queue before any is lost. */
  queue?: number;
}

/** Packets a second: the loss that is reported spreads as that of so many. */
const PACKETS = 150;

export class ModelLine {
  capacity: number;
  loss: number;
  readonly #queue: number;
  #waiting = 0;
  #estimate = 300_000;
  #seed = 7;

  constructor({ capacity = Number.POSITIVE_INFINITY, loss = 0, queue = 100 }: ModelLineOptions = {}) {
    this.capacity = capacity;
    this.loss = loss;
    this.#queue = queue;
  }

  /** A second in which so much was sent, bit/s. */
  second(sent: number): LinkReport {
    const room = this.capacity === Number.POSITIVE_INFINITY ? 0 : (this.capacity * this.#queue) / 1000;
    const through = Math.min(sent + this.#waiting, this.capacity);
    const over = Math.max(0, sent + this.#waiting - this.capacity - room);
    this.#waiting = Math.max(0, sent + this.#waiting - through - over);
    let random = 0;
    for (let n = 0; n < PACKETS; n++) random += this.#random() < this.loss ? 1 / PACKETS : 0;
    const loss = sent === 0 ? 0 : 1 - (1 - Math.min(1, over / sent)) * (1 - random);
    const arrives = through * (1 - random);
    if (this.#waiting > 0 || over > 0) this.#estimate = Math.min(this.#estimate, arrives * 0.85);
    else if (this.#estimate < arrives * 1.5)
      this.#estimate = Math.min(this.#estimate * 1.08, arrives * 1.5 + 10_000);
    const rtt =
      40 + (this.capacity === Number.POSITIVE_INFINITY ? 0 : (this.#waiting / this.capacity) * 1000);
    return { loss, estimate: this.#estimate, sent, rtt };
  }

  /** The same numbers in each run: xorshift. */
  #random(): number {
    this.#seed ^= this.#seed << 13;
    this.#seed ^= this.#seed >>> 17;
    this.#seed ^= this.#seed << 5;
    return (this.#seed >>> 0) / 2 ** 32;
  }
}
