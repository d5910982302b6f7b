/**
 * The members of werift 0.24.4 that we reach into although its types call them private, all in one place.
 * The version is pinned for their sake, and test/webrtc/contract.ts holds each of them.
 */
import { GenericNack, type RTCDtlsTransport, type RTCRtpSender } from 'werift';

/** It reads on into what follows in its compound packet, and takes the bytes of an estimate for missing packets. */
const readNack = GenericNack.deSerialize;
GenericNack.deSerialize = (data, header) => readNack(data.subarray(0, header.length * 4), header);

/** The counters of an RTP sender, and what its round trip statistics are computed from. */
export interface SenderInside {
  packetCount: number;
  octetCount: number;
  headerBytesSent: number;
  retransmittedPacketsSent: number;
  retransmittedBytesSent: number;
  nackCount: number;
  /** Of the retransmission stream; no payload type: the receiver has none, and packets are sent again as they were. */
  readonly rtxPayloadType: number | undefined;
  readonly rtxSsrc: number;
  rtxSequenceNumber: number;
  readonly cname: string | undefined;
  /** Middle 32 bits of the last sender report's NTP time. */
  lastSRtimestamp: number | undefined;
  /** When it was sent, Unix seconds. */
  lastSentSRTimestamp: number | undefined;
  runRtcp(): Promise<void>;
  handleRtcpPacket(packet: { type: number }): void;
}

export function inside(sender: RTCRtpSender): SenderInside {
  return sender as unknown as SenderInside;
}

interface DtlsInside {
  readonly dtls?: { readonly cipher: { decryptPacket(record: object): Buffer } };
}

/** Whether a DTLS record (RFC 6347 4.1), whole and of an epoch that is encrypted, was made by who has the keys of this connection. */
export function isAuthentic(transport: RTCDtlsTransport, record: Buffer): boolean {
  const [contentType, major, minor] = record;
  const recordLayerHeader = {
    contentType,
    protocolVersion: { major, minor },
    epoch: record.readUInt16BE(3),
    sequenceNumber: record.readUIntBE(5, 6),
    contentLen: record.readUInt16BE(11),
  };
  try {
    const { dtls } = transport as unknown as DtlsInside;
    return dtls?.cipher.decryptPacket({ recordLayerHeader, fragment: record.subarray(13) }) !== undefined;
  } catch {
    return false; // its authentication tag is wrong
  }
}
