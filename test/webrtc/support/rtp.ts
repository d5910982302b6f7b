/** An RTP packet as a payloader makes it: version 2, payload type 96, the rest as given. */
export function rtp(sequence: number, timestamp: number, payload = 'x'): Buffer {
  const packet = Buffer.alloc(12 + Buffer.byteLength(payload));
  packet.writeUInt16BE(0x8060, 0);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.write(payload, 12);
  return packet;
}
