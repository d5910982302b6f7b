import type { TalkError } from '../element/error.js';
import { closeFetching, fetchPicture, openFetching } from './fetchers.js';
import { type Reading, readBytes } from './reading.js';
import { unread } from './unread.js';

/** Pictures kept for each user, and as many once more: what a model has asked for is still there when it is shown. */
export const SLAB = 16;

/** Pictures that are asked for and not there yet; beyond that nobody looks ahead any more. */
const MOST_AHEAD = 16;

/** Where a picture goes: a piece of memory that is filled again and again. */
interface Slot {
  readonly memory: SharedArrayBuffer;
  readonly at: number;
  readonly data: Uint8Array;
}

interface Wanted {
  readonly slot: Slot;
  readonly promise: Promise<Uint8Array>;
  readonly resolve: (data: Uint8Array) => void;
  readonly reject: (error: TalkError) => void;
}

/**
 * The pictures of a long avatar: read when they are wanted, the ones used last are kept. Half an hour takes as much
 * memory as a second. A picture that was handed out stays until `SLAB` others have been asked for.
 */
export class Reel {
  readonly #job: Reading;
  readonly #label: string;
  readonly #each: number;
  readonly #number: number;
  /** Pictures that are there; a Map keeps the order of insertion, the newest is last. */
  readonly #kept = new Map<number, Slot>();
  readonly #wanted = new Map<number, Wanted>();
  readonly #free: Slot[] = [];
  #slabs = 0;
  #closed = false;

  constructor(job: Reading, label: string) {
    this.#job = job;
    this.#label = label;
    this.#each = readBytes(job);
    this.#number = openFetching(job, {
      arrived: (frame, problem) => {
        const wanted = this.#wanted.get(frame);
        if (wanted === undefined) return;
        this.#wanted.delete(frame);
        if (problem === undefined) {
          this.#kept.set(frame, wanted.slot);
          wanted.resolve(wanted.slot.data);
        } else {
          this.#free.push(wanted.slot);
          wanted.reject(unread(problem, job, label));
        }
      },
      lost: (error) => this.#abandon(error),
    });
    this.grow(1);
  }

  /** Bytes of memory it holds. */
  get bytes(): number {
    return this.#slabs * SLAB * this.#each;
  }

  /** Makes room for so many users, and for those who look behind them. */
  grow(users: number): void {
    for (; this.#slabs <= users; this.#slabs++) {
      const memory = new SharedArrayBuffer(SLAB * this.#each);
      for (let at = 0; at < memory.byteLength; at += this.#each) {
        this.#free.push({ memory, at, data: new Uint8Array(memory, at, this.#each) });
      }
    }
  }

  /** The picture if it is there. */
  peek(frame: number): Uint8Array | undefined {
    const slot = this.#kept.get(frame);
    if (slot === undefined) return undefined;
    this.#kept.delete(frame);
    this.#kept.set(frame, slot);
    return slot.data;
  }

  /** The picture, read if need be. @throws TalkError stream/decode, stream/format */
  load(frame: number): Promise<Uint8Array> {
    const there = this.peek(frame);
    if (there !== undefined) return Promise.resolve(there);
    return (this.#wanted.get(frame) ?? this.#want(frame)).promise;
  }

  /** Will be wanted soon. Nothing waits for it, and when there is much to do it is left out. */
  ahead(frame: number): void {
    if (this.#closed || this.#kept.has(frame) || this.#wanted.has(frame)) return;
    if (this.#wanted.size < MOST_AHEAD) this.#want(frame).promise.catch(() => undefined);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeFetching(this.#number);
    this.#abandon(unread({ frame: 0, problem: 'decode', text: 'closed meanwhile' }, this.#job, this.#label));
    this.#kept.clear();
    this.#free.length = 0;
  }

  #want(frame: number): Wanted {
    const slot = this.#room();
    let resolve!: Wanted['resolve'];
    let reject!: Wanted['reject'];
    const promise = new Promise<Uint8Array>((done, failed) => {
      resolve = done;
      reject = failed;
    });
    const wanted = { slot, promise, resolve, reject };
    this.#wanted.set(frame, wanted);
    const { memory, at } = slot;
    fetchPicture({ of: this.#number, frame, memory, at, bytes: this.#each });
    return wanted;
  }

  /** A free slot, else the one used longest ago; when all are being filled, more users than were announced: one more slab. */
  #room(): Slot {
    if (this.#free.length === 0) {
      const [oldest] = this.#kept;
      if (oldest === undefined) this.grow(this.#slabs);
      else {
        this.#kept.delete(oldest[0]);
        return oldest[1];
      }
    }
    return this.#free.pop()!;
  }

  #abandon(error: TalkError): void {
    const wanted = [...this.#wanted.values()];
    this.#wanted.clear();
    // Their slots are given up: a thread that is about to go may still write there.
    for (const { promise, reject } of wanted) {
      promise.catch(() => undefined);
      reject(error);
    }
  }
}
