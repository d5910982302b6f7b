/**
 * Opus packets that somebody sends while they are heard: one in each message, as WebCodecs' `AudioEncoder` and libopus give them, in no file
 * around them. RFC 6716, section 3.1, has what their first byte says.
 */
import { BoundedQueue } from '../../element/queue.js';
import type { SpeechPiece } from '../engine.js';
import type { Pushed } from './pushed.js';

/** Samples per second that packets are counted in, whatever was encoded. */
const RATE = 48_000;
/** Seconds that may wait before the decoder, which has 4 s decoded at most; who sends more waits. */
const WAITING = 1;
/** Samples at 48 kHz of a frame of SILK, of the hybrid mode and of CELT, by the lowest bits of the configuration. */
const SILK = [480, 960, 1920, 2880];
const CELT = [120, 240, 480, 960];
/** No packet is longer: 120 ms. */
const LONGEST = 5760;

/** Samples at 48 kHz that a packet has; undefined for what is no Opus packet. */
export function opusSamples(packet: Uint8Array): number | undefined {
  const [toc, second = 0] = packet;
  if (toc === undefined) return undefined;
  const configuration = toc >> 3;
  const celt = configuration >= 16;
  const hybrid = !celt && configuration >= 12;
  const frame = (celt ? CELT : SILK)[configuration & (hybrid ? 1 : 3)] ?? 0;
  const code = toc & 3;
  const frames = code === 3 ? second & 63 : Math.min(2, code + 1);
  // Two frames of one length share the bytes.
  if (code === 1 && packet.length % 2 === 0) return undefined;
  const samples = frame * frames;
  return samples > 0 && samples <= LONGEST ? samples : undefined;
}

export class PushedOpus implements Pushed {
  readonly #packets = new BoundedQueue<Uint8Array>(WAITING * RATE);
  /** The last push: a queue has one writer at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  get closed(): boolean {
    return this.#closed;
  }

  get full(): boolean {
    return this.#packets.full;
  }

  /** One packet, which `opusSamples` knows. */
  push(packet: Uint8Array): Promise<boolean> {
    const pushed = this.#last.then(() => this.#packets.push(packet, opusSamples(packet) ?? 0));
    this.#last = pushed;
    return pushed;
  }

  end(): void {
    void this.#last.then(() => this.#packets.end());
  }

  async *open(signal: AbortSignal): AsyncGenerator<SpeechPiece, void, undefined> {
    // GStreamer is loaded by the first compressed sound.
    const { decodeCompressed } = await import('../stream/compressed.js');
    yield* decodeCompressed('opus', this.#packets, signal);
  }

  close(): void {
    this.#closed = true;
    this.#packets.close();
  }
}
