/**
 * Audio and video together, by content, at our own receiver: a flash and a beep of the same moment, sent by
 * gst-launch-1.0 through a peer, are mapped through the sender reports to the sender's wall clock and compared.
 */
import t from 'tap';
import { Peer, type PeerOptions } from '../../src/webrtc/peer.js';
import { PortPool } from '../../src/webrtc/ports.js';
import { contentOf, mapper, onsets, skewsOf } from './support/content.js';
import { type GstSenderOptions, startGstSender } from './support/gst-sender.js';
import { Receiver } from './support/receiver.js';
import { pair, skewOf } from './support/skew.js';

async function watch(
  seconds: number,
  codec: 'H264' | 'VP8',
  more: Partial<PeerOptions> = {},
  source: Partial<GstSenderOptions> = {},
) {
  let peer: Peer | undefined;
  const sender = await startGstSender({
    codec,
    onPacket: (kind, packet) => peer?.write(kind, packet),
    ...source,
  });
  const receiver = new Receiver({ video: [codec] });
  try {
    const answer = await Peer.answer(await receiver.offer(), {
      ports: new PortPool(),
      clock: sender.clock,
      ...more,
    });
    peer = answer.peer;
    await receiver.accept(answer.sdp);
    await receiver.connected();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return { content: await contentOf(receiver, codec), stats: peer.stats() };
  } finally {
    await receiver.close();
    await peer?.close();
    await sender.stop();
  }
}

for (const codec of ['H264', 'VP8'] as const) {
  t.test(`a flash and a beep of one moment have one wall clock time (${codec})`, async (t) => {
    const { content } = await watch(6, codec);
    const skew = skewOf(skewsOf(content));
    t.ok(skew.n >= 4, `${skew.n} events`);
    t.ok(Math.abs(skew.median) <= 2, `median ${skew.median.toFixed(2)} ms`);
    t.ok(skew.p99 <= 5, `worst ${skew.p99.toFixed(2)} ms`);
    t.ok(content.luma[1] - content.luma[0] > 150, 'the picture arrived');
    t.ok(content.level > 0.3, 'the sound arrived');
    t.equal(content.audioFrame, 480, '10 ms frames');
  });
}

t.test('stays so when the video is 150 ms late and 3 % of all packets are lost', async (t) => {
  const { content, stats } = await watch(
    7,
    'H264',
    { loss: 0.03 },
    { videoExtra: 'queue min-threshold-time=150000000 max-size-time=400000000' },
  );
  const skew = skewOf(skewsOf(content));
  t.ok(stats.retransmitted > 0, `${stats.retransmitted} packets sent again`);
  t.ok(skew.n >= 3, `${skew.n} events`);
  t.ok(Math.abs(skew.median) <= 5, `median ${skew.median.toFixed(2)} ms`);
});

t.test('pairs events, and computes skew and drift', async (t) => {
  t.same(pair([1000, 2000, 3000], [1010, 3010]), [
    { at: 1000, skew: 10 },
    { at: 3000, skew: 10 },
  ]);
  t.same(pair([1000], [1600]), [], 'half a second apart is no pair');
  const drifting = [0, 1000, 2000, 3000].map((at) => ({ at, skew: 5 + at / 1000 }));
  const skew = skewOf(drifting, 5);
  t.match(skew, { n: 4, min: 0, median: 1, max: 3 });
  t.ok(Math.abs(skew.driftPerHour - 3600) < 1e-6, 'a millisecond per second');
  t.equal(skewOf([]).n, 0);
});

t.test('finds the sample a beep sets in at, also behind a smeared front', async (t) => {
  const samples = new Int16Array(96000);
  for (let n = 48000; n < 52800; n++) samples[n] = Math.sin((2 * Math.PI * (n - 48000)) / 48) * 16384;
  for (let n = 47900; n < 48000; n++) samples[n] = Math.sin(n) * 300;
  const [onset = 0, ...more] = onsets(samples, 48000);
  t.same(more, []);
  t.ok(Math.abs(onset - 48000) <= 24, `off by ${onset - 48000} samples`);
});

t.test('maps timestamps through the nearest report, across the 32-bit wrap', async (t) => {
  const reports = [
    { at: 0, wall: 1_000_000, rtp: 2 ** 32 - 90, packets: 1 },
    { at: 0, wall: 1_001_000, rtp: 89_910, packets: 2 },
  ];
  const wall = mapper(reports, 90000);
  t.equal(wall(2 ** 32 - 90), 1_000_000);
  t.equal(wall(0), 1_000_001);
  t.equal(wall(90_000), 1_001_001);
  t.throws(() => mapper([], 90000)(0), /no sender report/);
});
