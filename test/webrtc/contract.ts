/**
 * Contract with werift 0.24.4: every place where we override it or reach into it, shown to be needed and to work.
 * A test that says "werift … by itself" failing after an update means that the override may go.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import t from 'tap';
import {
  GenericNack,
  MediaStreamTrack,
  ntpTime,
  PictureLossIndication,
  ReceiverEstimatedMaxBitrate,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  RtcpRrPacket,
  type RtcpSrPacket,
  RtcpTransportLayerFeedback,
  RtpHeader,
  RtpPacket,
  RtpRouter,
} from 'werift';
import { compactNtp, unixFromNtp } from '../../src/webrtc/clock.js';
import { readFeedback } from '../../src/webrtc/feedback.js';
import { type Reported, SenderReports, senderReport } from '../../src/webrtc/report.js';
import { Resender } from '../../src/webrtc/resend.js';
import { inside } from '../../src/webrtc/werift.js';

const clock = { runningTime: () => 12_345_678_901, baseWall: 1_700_000_000_000 };

function videoTrack(): { pc: RTCPeerConnection; track: Reported } {
  const pc = new RTCPeerConnection({
    iceServers: [],
    codecs: { video: [new RTCRtpCodecParameters({ mimeType: 'video/VP8', clockRate: 90000 })], audio: [] },
  });
  const { sender } = pc.addTransceiver(new MediaStreamTrack({ kind: 'video' }), { direction: 'sendonly' });
  return { pc, track: { sender, clockRate: 90000 } };
}

t.test('is the version all this was written for', async (t) => {
  const path = createRequire(import.meta.url).resolve('werift');
  const manifest = `${path.slice(0, path.indexOf('/lib/'))}/package.json`;
  t.equal(JSON.parse(readFileSync(manifest, 'utf8')).version, '0.24.4');
});

t.test('werift by itself writes decimal digits into the NTP fraction', async (t) => {
  let worst = 0;
  for (let n = 0; n < 50; n++) {
    const now = performance.timeOrigin + performance.now();
    worst = Math.max(worst, Math.abs(unixFromNtp(ntpTime()) - now));
  }
  t.ok(worst > 5, `off by up to ${worst.toFixed(0)} ms`);
});

t.test('a sender report has these bytes', async (t) => {
  const { pc, track } = videoTrack();
  inside(track.sender).packetCount = 7;
  inside(track.sender).octetCount = 2 ** 32 + 9;
  const bytes = senderReport(track, clock)?.serialize() ?? Buffer.alloc(0);
  const ntp = bytes.readBigUInt64BE(8);
  t.equal(bytes.length, 28);
  t.same([...bytes.subarray(0, 4)], [0x80, 200, 0, 6], 'version 2, no report blocks, type SR, 7 words');
  t.equal(bytes.readUInt32BE(4), track.sender.ssrc);
  t.ok(Math.abs(unixFromNtp(ntp) - 1_700_000_012_345.679) < 0.001, 'base plus running time');
  t.equal(bytes.readUInt32BE(16), Math.floor(12.345678901 * 90000), 'the running time in clock units');
  t.equal(bytes.readUInt32BE(20), 7);
  t.equal(bytes.readUInt32BE(24), 9, 'the octet count wraps');
  await pc.close();
});

t.test('no report is made while the clock does not run', async (t) => {
  const { pc, track } = videoTrack();
  t.equal(senderReport(track, { ...clock, runningTime: () => undefined }), undefined);
  await pc.close();
});

t.test('werift sends no report of its own, and ours are answered by round trips', async (t) => {
  const { pc, track } = videoTrack();
  const sent: Buffer[] = [];
  const transport = track.sender.dtlsTransport as unknown as Record<string, unknown>;
  transport['state'] = 'connected';
  transport['sendRtcp'] = async (packets: { serialize(): Buffer }[]) => {
    sent.push(Buffer.concat(packets.map((p) => p.serialize())));
  };
  const reports = new SenderReports([track], clock);
  await inside(track.sender).runRtcp();
  t.equal(sent.length, 0, 'runRtcp does nothing');
  reports.start();
  t.equal(sent.length, 0, 'and nothing is reported before the first packet');
  inside(track.sender).packetCount = 1;
  await new Promise((resolve) => setTimeout(resolve, 260));
  reports.stop();
  t.equal(sent.length, 1);
  const packets = RtcpPacketConverter.deSerialize(sent[0]!);
  t.same(
    packets.map((p) => p.type),
    [200, 202],
    'SR, then SDES',
  );
  const sr = packets[0] as RtcpSrPacket;
  const lsr = compactNtp(sr.senderInfo.ntpTimestamp);
  t.equal(inside(track.sender).lastSRtimestamp, lsr, 'werift knows it for its own statistics');
  const held = Math.round(0.01 * 65536);
  const rtt = reports.roundTrip(track.sender.ssrc, lsr, held);
  t.ok(rtt !== undefined && rtt >= 0 && rtt < 300);
  t.equal(reports.roundTrip(track.sender.ssrc, 0, 0), undefined);
  t.equal(reports.roundTrip(track.sender.ssrc, lsr ^ 1, 0), undefined, 'an echo of nothing we sent');
  await pc.close();
});

t.test('werift by itself loses a REMB that names the retransmission first; ours is read', async (t) => {
  const { pc, track } = videoTrack();
  const { ssrc, rtxSsrc } = track.sender;
  const router = new RtpRouter();
  router.registerRtpSender(track.sender);
  const feedback = new ReceiverEstimatedMaxBitrate({
    senderSsrc: 1,
    mediaSsrc: 0,
    ssrcNum: 2,
    ssrcFeedbacks: [rtxSsrc, ssrc],
    brExp: 4,
    brMantissa: 100_000,
    bitrate: 1_600_000n,
  });
  const bytes = new RtcpPayloadSpecificFeedback({ feedback }).serialize();
  const [packet] = RtcpPacketConverter.deSerialize(bytes);
  let routed = 0;
  track.sender.onRtcp.subscribe(() => routed++);
  router.routeRtcp(packet!);
  t.equal(routed, 0);
  t.same(readFeedback(packet!, new Set([ssrc])), [{ type: 'estimate', bitrate: 1_600_000 }]);
  await pc.close();
});

t.test('reads PLI, FIR, NACK and reports from their bytes', async (t) => {
  const ours = new Set([0x0a0b_0c0d]);
  const pli = new RtcpPayloadSpecificFeedback({
    feedback: new PictureLossIndication({ senderSsrc: 1, mediaSsrc: 0x0a0b_0c0d }),
  });
  const read = (bytes: Buffer) =>
    RtcpPacketConverter.deSerialize(bytes).flatMap((p) => readFeedback(p, ours));
  t.same(read(pli.serialize()), [{ type: 'key-frame', ssrc: 0x0a0b_0c0d, reason: 'pli' }]);
  // FIR (RFC 5104 4.3.1): media SSRC 0, the target in the entry.
  const fir = Buffer.from('84ce0004' + '00000001' + '00000000' + '0a0b0c0d' + '05000000', 'hex');
  t.same(read(fir), [{ type: 'key-frame', ssrc: 0x0a0b_0c0d, reason: 'fir' }]);
  const nack = Buffer.from('81cd0003' + '00000001' + '0a0b0c0d' + '03e80005', 'hex');
  t.same(read(nack), [{ type: 'nack', ssrc: 0x0a0b_0c0d, packets: 3 }], '1000, 1001 and 1003');
  const remb = Buffer.from(
    '8fce0005' + '00000001' + '00000000' + '52454d42' + '010186a0' + '0a0b0c0d',
    'hex',
  );
  t.match(
    read(Buffer.concat([nack, remb])),
    [{ type: 'nack', packets: 3 }, { type: 'estimate' }],
    'nor anything of what follows',
  );
  const rr = Buffer.from(
    '81c90007' + '00000001' + '0a0b0c0d' + '40000005' + '00000064' + '000005a0' + '12345678' + '00010000',
    'hex',
  );
  t.same(read(rr), [
    {
      type: 'report',
      ssrc: 0x0a0b_0c0d,
      loss: 0.25,
      lost: 5,
      highest: 100,
      jitter: 1440,
      lsr: 0x1234_5678,
      dlsr: 65536,
    },
  ]);
  t.same(
    read(Buffer.concat([rr, fir])).map((f) => f.type),
    ['report', 'key-frame'],
    'in one compound too',
  );
});

t.test('werift by itself has forgotten the packet before the last 128; ours is sent again', async (t) => {
  for (const [ours, rtx] of [
    [false, 97],
    [true, 97],
    [true, undefined],
  ] as const) {
    const { pc, track } = videoTrack();
    const { sender } = track;
    const sent: RtpHeader[] = [];
    Object.assign(sender.dtlsTransport, {
      state: 'connected',
      sendRtp: async (_: Buffer, header: RtpHeader) => {
        sent.push(header);
        return 0;
      },
    });
    Object.assign(sender, { codec: { payloadType: 96 }, rtxPayloadType: rtx, runRtcp: async () => {} });
    const resender = ours ? new Resender(sender, () => ({})) : undefined;
    for (let n = 0; n < 200; n++) {
      const packet = new RtpPacket(
        new RtpHeader({ sequenceNumber: 65500 + n - (n > 35 ? 65536 : 0) }),
        Buffer.alloc(9),
      );
      const sending = sender.sendRtp(packet);
      resender?.sent(packet);
      await sending;
    }
    sent.length = 0;
    const feedback = new GenericNack({
      senderSsrc: 1,
      mediaSourceSsrc: sender.ssrc,
      lost: [65510, 65510, 190],
    });
    inside(sender).handleRtcpPacket(new RtcpTransportLayerFeedback({ feedback }));
    await new Promise((resolve) => setImmediate(resolve));
    t.same(
      sent.map(({ payloadType, ssrc }) => [payloadType, ssrc === (rtx ? sender.rtxSsrc : sender.ssrc)]),
      ours ? [[rtx ?? 96, true]] : [],
    );
    t.equal(inside(sender).retransmittedPacketsSent, ours ? 1 : 0);
    await pc.close();
  }
});

t.test('ignores feedback about somebody else', async (t) => {
  const theirs = new RtcpPayloadSpecificFeedback({
    feedback: new PictureLossIndication({ senderSsrc: 1, mediaSsrc: 5 }),
  });
  const rr = new RtcpRrPacket({ ssrc: 1, reports: [] });
  for (const packet of [theirs, rr]) {
    t.same(readFeedback(RtcpPacketConverter.deSerialize(packet.serialize())[0]!, new Set([6])), []);
  }
});

t.test('werift by itself asks a STUN server nobody named', async (t) => {
  const { pc, track } = videoTrack();
  const connection = track.sender.dtlsTransport.iceTransport.connection as unknown as { stunServer: unknown };
  t.ok(connection.stunServer, JSON.stringify(connection.stunServer));
  await pc.close();
});

t.test('the members we replace are there', async (t) => {
  const { pc, track } = videoTrack();
  const connection = track.sender.dtlsTransport.iceTransport.connection as unknown as Record<string, unknown>;
  for (const name of ['ensureProtocol', 'getCandidatePromises', 'appendLocalCandidate']) {
    t.type(connection[name], 'function', name);
  }
  const sender = track.sender as unknown as Record<string, unknown>;
  for (const name of [
    'packetCount',
    'octetCount',
    'headerBytesSent',
    'nackCount',
    'retransmittedPacketsSent',
    'retransmittedBytesSent',
    'rtxSsrc',
    'rtxSequenceNumber',
  ])
    t.type(sender[name], 'number', name);
  t.type(sender['handleRtcpPacket'], 'function');
  await pc.close();
});
