/**
 * What waits for the connection: bounded by time, and never a stream that a decoder cannot enter.
 *
 * A live stream that cannot leave gets old, and old pictures are of no use. When more than the limit waits, everything
 * up to the next key frame is dropped: what a viewer sees then is a jump, not a smear. Setup tags (metadata, codec
 * headers) are kept apart and begin every connection.
 */
import { retimed, type Tag } from './flv.js';

export interface BacklogOptions {
  /** ms of stream that may wait. */
  readonly limit: number;
  /** Bytes that may wait, whatever their times say. */
  readonly bytes: number;
  /** Pictures will come: nothing begins before the first of them, players settle on the tracks that a stream begins with. */
  readonly pictures?: boolean;
}

export class Backlog {
  readonly #options: BacklogOptions;
  readonly #setup = new Map<Tag['of'], Tag>();
  #waiting: Tag[] = [];
  /** Sound that came while nothing was taken: a picture of its time may still be on its way. */
  #early: Tag[] = [];
  #bytes = 0;
  /** Nothing is taken before a key frame. */
  #closed = true;
  /** The latest there was, ms. */
  #latest = 0;
  /** Time of the first tag of this connection, which it shall have as 0; undefined before that. */
  #base: number | undefined;
  /** Tags dropped since the beginning. */
  dropped = 0;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** True while everything is dropped until a key frame comes: somebody should ask for one. */
  get wantsKey(): boolean {
    return this.#closed && this.#setup.has('video');
  }

  add(tag: Tag): void {
    if (tag.kind === 'setup') {
      this.#setup.set(tag.of, tag);
      // A codec header in mid-stream belongs before the pictures it is for; it comes without a time of the stream.
      if (!this.#closed) this.#push(retimed(tag, this.#latest));
      return;
    }
    this.#latest = Math.max(this.#latest, tag.time);
    if (this.#closed && !this.#opens(tag)) {
      this.#wait(tag);
      return;
    }
    const early = this.#closed ? this.#open(tag.time) : [];
    this.#push(tag);
    for (const sound of early) this.#push(sound);
    if (this.#full()) this.#skip();
  }

  /** The next tag to send, its time counted from the beginning of the connection. */
  take(): Tag | undefined {
    for (;;) {
      const tag = this.#shift();
      if (tag === undefined) return undefined;
      this.#base ??= tag.time;
      if (tag.time >= this.#base) return retimed(tag, tag.time - this.#base);
      // Sound from before the first picture, which it reached late.
      this.dropped++;
    }
  }

  /** A new connection: what begins it, before anything that is taken. What waits begins with a key frame. */
  begin(): Tag[] {
    this.#base = undefined;
    while (this.#waiting[0]?.kind === 'setup') this.#shift();
    return [...this.#setup.values()].map((tag) => retimed(tag, 0));
  }

  /** There is no connection: nothing waits, and the next one begins with a key frame. */
  clear(): void {
    this.dropped += this.#waiting.length + this.#early.length;
    this.#waiting = [];
    this.#early = [];
    this.#bytes = 0;
    this.#closed = true;
  }

  #push(tag: Tag): void {
    this.#waiting.push(tag);
    this.#bytes += tag.data.length;
  }

  #shift(): Tag | undefined {
    const tag = this.#waiting.shift();
    this.#bytes -= tag?.data.length ?? 0;
    return tag;
  }

  /** Pictures that nobody can follow are of no use; sound is, as long as it is not older than all that may wait. */
  #wait(tag: Tag): void {
    if (tag.kind === 'audio') this.#early.push(tag);
    else this.dropped++;
    const from = this.#latest - this.#options.limit;
    while (this.#early[0] !== undefined && this.#early[0].time < from) {
      this.#early.shift();
      this.dropped++;
    }
  }

  /** From here on a decoder can follow: the headers again, some may have been dropped. Returns the sound from `time` on that was there first. */
  #open(time: number): Tag[] {
    this.#closed = false;
    for (const tag of this.#setup.values()) this.#push(retimed(tag, time));
    const early = this.#early.filter((sound) => sound.time >= time);
    this.dropped += this.#early.length - early.length;
    this.#early = [];
    return early;
  }

  #opens({ kind }: Tag): boolean {
    const pictures = this.#options.pictures === true || this.#setup.has('video');
    return kind === 'key' || (kind === 'audio' && !pictures);
  }

  #full(): boolean {
    const [first, last] = [this.#waiting[0], this.#waiting.at(-1)];
    if (first === undefined || last === undefined) return false;
    return last.time - first.time > this.#options.limit || this.#bytes > this.#options.bytes;
  }

  /** Drops up to the next key frame, which may be still to come. */
  #skip(): void {
    // The key frame that is first, behind its headers, is the one to be dropped.
    const first = this.#waiting.findIndex(({ kind }) => kind !== 'setup');
    const next = this.#waiting.findIndex((tag, n) => n > first && this.#opens(tag));
    const kept = next < 0 ? [] : this.#waiting.slice(next);
    this.dropped += this.#waiting.filter(({ kind }) => kind !== 'setup').length;
    this.#waiting = [];
    this.#bytes = 0;
    this.#closed = true;
    const [key] = kept;
    if (key !== undefined) this.#open(key.time);
    for (const tag of kept) {
      this.#push(tag);
      if (tag.kind !== 'setup') this.dropped--;
    }
  }
}
