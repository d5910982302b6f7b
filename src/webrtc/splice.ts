/**
 * Makes one RTP stream of those of several viewers, or of one that starts its stream anew: numbers and timestamps go on, so that
 * what follows (a jitter buffer) sees neither 30,000 lost packets nor a jump of hours.
 */
import type { RtpPacket } from 'werift';

/** Opus on RTP, RFC 7587 4.1. */
const CLOCK = 48_000;
/** The type that packets leave with. */
export const PAYLOAD_TYPE = 111;
/** A step in the numbers as large as this is no loss, 20 s of sound: the sender has begun anew. */
const ANEW = 1000;

/** The shortest way from one 16 bit number to another: -32768 to 32767. */
const step = (from: number, to: number): number => ((to - from + 0x18000) & 0xffff) - 0x8000;

export class Splice {
  #ssrc: number | undefined;
  #sequence = 0;
  #timestamp = 0;
  /** The newest packet that left, as it left, and when. */
  #last: { sequence: number; timestamp: number; at: number } | undefined;

  /** The next packet comes from somebody else. */
  cut(): void {
    this.#ssrc = undefined;
  }

  /** The packet as bytes, in the stream that goes on. @param now ms on any clock that does not jump */
  take({ header, payload }: RtpPacket, now: number): Buffer {
    const { ssrc, sequenceNumber, timestamp, marker } = header;
    const last = this.#last;
    const next = last && step(last.sequence, (sequenceNumber + this.#sequence) & 0xffff);
    if (ssrc !== this.#ssrc || next === undefined || Math.abs(next) > ANEW) {
      const elapsed = last === undefined ? 0 : Math.round(((now - last.at) / 1000) * CLOCK);
      this.#ssrc = ssrc;
      this.#sequence = (last === undefined ? 0 : last.sequence + 1) - sequenceNumber;
      this.#timestamp = (last === undefined ? 0 : last.timestamp + elapsed) - timestamp;
    }
    const out = Buffer.allocUnsafe(12 + payload.length);
    const [number, time] = [(sequenceNumber + this.#sequence) & 0xffff, (timestamp + this.#timestamp) >>> 0];
    out[0] = 0x80;
    out[1] = (marker ? 0x80 : 0) | PAYLOAD_TYPE;
    out.writeUInt16BE(number, 2);
    out.writeUInt32BE(time, 4);
    out.writeUInt32BE(1, 8);
    payload.copy(out, 12);
    if (this.#last === undefined || step(this.#last.sequence, number) > 0) {
      this.#last = { sequence: number, timestamp: time, at: now };
    }
    return out;
  }
}
