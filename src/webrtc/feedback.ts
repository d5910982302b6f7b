/**
 * What viewers tell us about our packets, read from every RTCP packet of a peer.
 *
 * It is read from the DTLS transport and not from werift's senders, because werift routes a REMB only to the sender of
 * the first SSRC in it (which may be the retransmission's: then nobody gets it) and a FIR, whose media SSRC is 0, to
 * nobody at all.
 */
import {
  GenericNack,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  RtcpPayloadSpecificFeedback,
  RtcpRrPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
} from 'werift';

/** One thing a viewer said. Rates in bit/s, loss as a fraction 0..1 since the last report, jitter in clock units. */
export type Feedback =
  | {
      type: 'report';
      ssrc: number;
      loss: number;
      lost: number;
      /** The highest sequence number that came, with its rounds: 32 bit. */
      highest: number;
      jitter: number;
      lsr: number;
      dlsr: number;
    }
  | { type: 'key-frame'; ssrc: number; reason: 'pli' | 'fir' }
  | { type: 'nack'; ssrc: number; packets: number }
  | { type: 'estimate'; bitrate: number };

type Rtcp = { type: number };

/**
 * Reads one RTCP packet.
 * @param packet as werift parsed it; unknown ones give nothing
 * @param ssrcs the SSRCs we send, retransmission included; feedback about others is ignored
 */
export function readFeedback(packet: Rtcp, ssrcs: ReadonlySet<number>): Feedback[] {
  if (packet instanceof RtcpRrPacket || packet instanceof RtcpSrPacket) {
    return packet.reports
      .filter((report) => ssrcs.has(report.ssrc))
      .map((r) => ({
        type: 'report',
        ssrc: r.ssrc,
        loss: r.fractionLost / 256,
        lost: r.packetsLost,
        highest: r.highestSequence,
        jitter: r.jitter,
        lsr: r.lsr ?? 0,
        dlsr: r.dlsr ?? 0,
      }));
  }
  if (packet instanceof RtcpTransportLayerFeedback) {
    const { feedback } = packet;
    if (!(feedback instanceof GenericNack) || !ssrcs.has(feedback.mediaSourceSsrc)) return [];
    return [{ type: 'nack', ssrc: feedback.mediaSourceSsrc, packets: feedback.lost.length }];
  }
  if (!(packet instanceof RtcpPayloadSpecificFeedback)) return [];
  const { feedback } = packet;
  if (feedback instanceof PictureLossIndication && ssrcs.has(feedback.mediaSsrc)) {
    return [{ type: 'key-frame', ssrc: feedback.mediaSsrc, reason: 'pli' }];
  }
  if (feedback !== undefined && 'fir' in feedback) {
    // FullIntraRequest, a class werift does not export. It may read on into the next packet of the compound;
    // entries about foreign SSRCs are ignored anyway.
    const entry = (feedback.fir as { ssrc: number }[]).find(({ ssrc }) => ssrcs.has(ssrc));
    return entry === undefined ? [] : [{ type: 'key-frame', ssrc: entry.ssrc, reason: 'fir' }];
  }
  if (feedback instanceof ReceiverEstimatedMaxBitrate) {
    return [{ type: 'estimate', bitrate: Number(feedback.bitrate) }];
  }
  return [];
}
