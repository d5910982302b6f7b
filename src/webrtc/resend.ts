/**
 * Sends lost packets again (RFC 4585 NACK, RFC 4588 RTX): our own answer in place of werift's.
 *
 * werift keeps the last 128 packets: a key frame of 75 kB and the pictures of a third of a second. On a line of 300 ms round trip
 * what is asked for is gone then, and the picture stands until the next key frame. Ours keeps a second of them.
 */
import { GenericNack, type RTCRtpSender, RtcpTransportLayerFeedback, type RtpPacket, wrapRtx } from 'werift';
import { History } from './history.js';
import { Overload, type Overrun } from './overload.js';
import { inside } from './werift.js';

/** Until the round trip is known, and at least, ms. */
const PAUSE = 20;

export interface RoundTrip {
  /** Smoothed, ms. */
  readonly rtt?: number | undefined;
  /** The shortest there was, ms. */
  readonly least?: number | undefined;
}

export class Resender {
  readonly #sender: RTCRtpSender;
  readonly #history = new History<RtpPacket>();
  readonly #overload = new Overload();
  readonly #roundTrip: () => RoundTrip;
  readonly #overrun: (overrun: Overrun) => void;

  /**
   * Takes the answering of NACKs from a sender.
   * @param roundTrip as far as it is known
   * @param overrun is told when the line has just become too small
   */
  constructor(
    sender: RTCRtpSender,
    roundTrip: () => RoundTrip,
    overrun: (overrun: Overrun) => void = () => {},
  ) {
    this.#sender = sender;
    this.#roundTrip = roundTrip;
    this.#overrun = overrun;
    const theirs = inside(sender);
    const handle = theirs.handleRtcpPacket.bind(sender);
    theirs.handleRtcpPacket = (packet) => {
      const nack = packet instanceof RtcpTransportLayerFeedback ? packet.feedback : undefined;
      if (nack instanceof GenericNack) this.#answer(nack.lost);
      else handle(packet);
    };
  }

  /** A packet that the sender has just sent, with the header that it got there. */
  sent(packet: RtpPacket): void {
    const { sequenceNumber } = packet.header;
    const now = performance.now();
    this.#overload.sent(sequenceNumber, now);
    this.#history.keep(sequenceNumber, packet, packet.payload.length, now);
  }

  /** Nothing that was sent by now is sent again. */
  forget(): void {
    this.#history.clear();
    this.#overload.forget();
  }

  #answer(lost: readonly number[]): void {
    const theirs = inside(this.#sender);
    theirs.nackCount++;
    const now = performance.now();
    const { rtt = 0, least } = this.#roundTrip();
    const overrun = this.#overload.missed(lost, now, least);
    if (overrun !== undefined) this.#overrun(overrun);
    const pause = Math.max(PAUSE, rtt);
    for (const sequence of lost) {
      const packet = this.#history.again(sequence & 0xffff, pause, now);
      if (packet !== undefined) this.#send(packet);
    }
  }

  #send(packet: RtpPacket): void {
    const theirs = inside(this.#sender);
    let again = packet;
    if (theirs.rtxPayloadType !== undefined) {
      again = wrapRtx(packet, theirs.rtxPayloadType, theirs.rtxSequenceNumber, theirs.rtxSsrc);
      theirs.rtxSequenceNumber = (theirs.rtxSequenceNumber + 1) & 0xffff;
    }
    theirs.retransmittedPacketsSent++;
    theirs.retransmittedBytesSent += again.payload.length;
    theirs.headerBytesSent += again.header.serializeSize;
    // A failed send is a lost packet: it is asked for again.
    this.#sender.dtlsTransport.sendRtp(again.payload, again.header).catch(() => {});
  }
}
