/** Samples that somebody sends while they are heard. */

import { BoundedQueue } from '../../element/queue.js';
import type { SpeechPiece } from '../engine.js';
import { ByteReader } from '../stream/bytes.js';
import { type PcmFormat, readPcm } from '../stream/pcm.js';
import type { Sound } from './sounds.js';

/** Seconds that may wait; who sends more waits. */
const WAITING = 5;

/** A sound that is sent while it is heard. */
export interface Pushed extends Sound {
  /** Cut, or its session has ended: nobody hears what comes. */
  readonly closed: boolean;
  /** So much waits that the sender should. */
  readonly full: boolean;
  /** Resolves when there is room for more: false when nobody listens any more. */
  push(bytes: Uint8Array): Promise<boolean>;
  /** Everything was sent. */
  end(): void;
}

export class PushedSound implements Pushed {
  readonly #format: PcmFormat;
  readonly #bytes: BoundedQueue<Uint8Array>;
  /** The last push: a queue has one writer at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(format: Omit<PcmFormat, 'encoding'>) {
    this.#format = { encoding: 's16', ...format };
    this.#bytes = new BoundedQueue(WAITING * format.rate * format.channels * 2);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get full(): boolean {
    return this.#bytes.full;
  }

  push(bytes: Uint8Array): Promise<boolean> {
    const pushed = this.#last.then(() => this.#bytes.push(bytes, bytes.length));
    this.#last = pushed;
    return pushed;
  }

  end(): void {
    void this.#last.then(() => this.#bytes.end());
  }

  open(signal: AbortSignal): AsyncIterable<SpeechPiece> {
    return readPcm(new ByteReader(this.#bytes, signal), this.#format);
  }

  close(): void {
    this.#closed = true;
    this.#bytes.close();
  }
}
