/** RTP packets as our payloaders make them (RFC 3550 5.1), without what each viewer gets its own of: SSRC, payload type, extensions. */

export interface Rtp {
  /** 16 bit. */
  readonly sequence: number;
  /** 32 bit, in units of the media clock. */
  readonly timestamp: number;
  /** The last packet of its picture. */
  readonly marker: boolean;
  readonly payload: Buffer;
}

/** Reads a packet; its payload is a view of it. */
export function readRtp(packet: Buffer): Rtp {
  const first = packet.readUInt8(0);
  const contributors = 12 + 4 * (first & 15);
  const extended = (first & 0x10) !== 0 ? 4 + 4 * packet.readUInt16BE(contributors + 2) : 0;
  const padding = (first & 0x20) !== 0 ? packet.readUInt8(packet.length - 1) : 0;
  return {
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    marker: (packet.readUInt8(1) & 0x80) !== 0,
    payload: packet.subarray(contributors + extended, packet.length - padding),
  };
}
